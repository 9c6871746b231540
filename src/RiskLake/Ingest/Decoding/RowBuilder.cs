using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// One record while it is decoded: its values, and everything that is wrong with it. Values go to the columns only when the whole
/// record satisfies the contract. Belongs to one thread.
/// </summary>
internal sealed unsafe class RowBuilder : IDisposable
{
    /// <summary>More than a contract has fields; a hostile record could have a reason for every few bytes.</summary>
    private const int MaxViolations = 1000;

    private readonly FieldPlan[] _fields;
    private readonly Value* _values;
    private readonly List<ReasonCode> _textCodes = [];
    private readonly NativeBuffer<byte> _scratch = new();
    private readonly NativeBuffer<byte> _extra = new();
    private DateCache _dates;
    private int _present;

    public RowBuilder(DecodePlan plan)
    {
        Plan = plan;
        _fields = plan.Fields;
        _values = (Value*)NativeMemory.AllocZeroed((nuint)_fields.Length, (nuint)sizeof(Value));
    }

    private enum State
    {
        Absent,
        Set,
        Null,
        Rejected,
    }

    public DecodePlan Plan { get; }

    /// <summary>What is wrong with the record so far.</summary>
    public List<Violation> Violations { get; } = [];

    /// <summary>Starts a record.</summary>
    public void Begin()
    {
        for (var i = 0; i < _fields.Length; i++)
        {
            _values[i].State = State.Absent;
        }

        _present = 0;
        _scratch.Clear();
        _extra.Clear();
        if (Violations.Count > 0)
        {
            Violations.Clear();
        }
    }

    /// <summary>Whether the record already has this field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int field) => _values[field].State != State.Absent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(FieldPlan field, long slot, byte* from, byte* to)
    {
        ref var value = ref _values[field.Index];
        value.State = State.Set;
        value.Slot = slot;
        _present++;
        var code = field.Check(slot);
        if (code is not null)
        {
            Reject(field, code, new ReadOnlySpan<byte>(from, (int)(to - from)));
        }
    }

    /// <summary>Sets a text that is valid UTF-8 and stays where it is until the record is complete.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetText(FieldPlan field, byte* text, byte* end)
    {
        ref var value = ref _values[field.Index];
        value.State = State.Set;
        value.Text = text;
        value.Slot = end - text;
        _present++;
        if (field.HasTextRules)
        {
            CheckText(field, new ReadOnlySpan<byte>(text, (int)(end - text)));
        }
    }

    public void SetNull(FieldPlan field)
    {
        _values[field.Index].State = State.Null;
        if (field.Field.Required)
        {
            RejectColumn(ReasonCode.NullValue, field.Name, "null", field.Expected(ReasonCode.NullValue));
        }
    }

    /// <summary>Records that a value cannot be taken.</summary>
    public void Reject(FieldPlan field, ReasonCode code, ReadOnlySpan<byte> found)
    {
        _values[field.Index].State = State.Rejected;
        RejectColumn(code, field.Name, DecodePlan.Excerpt(found), field.Expected(code));
    }

    /// <summary>Records what is wrong with the record as a whole. Being broken comes before whatever was found on the way there.</summary>
    public void RejectRecord(ReasonCode code, string? found, string? expected)
    {
        Violations.Insert(0, new Violation(code, null, found, expected));
        if (Violations.Count > MaxViolations)
        {
            Violations.RemoveAt(MaxViolations);
        }
    }

    public void RejectColumn(ReasonCode code, string column, string? found, string? expected)
    {
        if (Violations.Count < MaxViolations)
        {
            Violations.Add(new Violation(code, column, found, expected));
        }
    }

    public void RejectTooLarge(long bytes) =>
        RejectRecord(ReasonCode.RecordTooLarge, JudgedBlock.Bytes(bytes), "at most " + JudgedBlock.Bytes(Plan.MaxRecordBytes));

    /// <summary>
    /// Sets a value of any type from its text, which is valid UTF-8, stays where it is, and is followed by
    /// <see cref="ByteScan.Padding"/> readable bytes of which the first is not part of a number.
    /// </summary>
    public void SetFromText(FieldPlan field, byte* text, byte* end, ReadOnlySpan<byte> found)
    {
        if (field.Type == ColumnType.String)
        {
            SetText(field, text, end);
        }
        else if (field.Type == ColumnType.Binary)
        {
            SetBase64(field, text, end, found);
        }
        else if (TextValue.Parse(field, text, end, ref _dates, out var slot) is { } code)
        {
            Reject(field, code, found);
        }
        else
        {
            Set(field, slot, text, end);
        }
    }

    /// <summary>
    /// Room for a text of at most so many bytes that is made while decoding; it stays until the record is complete, and its end is
    /// followed by readable bytes.
    /// </summary>
    public byte* Scratch(int bytes)
    {
        // Texts must not move, so there is room for all of them from the start: with the quotes around it, a text in the record is
        // longer than its copy and a byte behind it, and none is copied more than twice.
        _scratch.Reserve((2L * Plan.MaxRecordBytes) + ByteScan.Padding);
        var start = _scratch.Pointer + _scratch.Count;
        _scratch.Count += bytes + 1;
        return start;
    }

    /// <summary>Keeps an unknown field as received: the name with its quotes, and the value.</summary>
    public void AddExtra(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _extra.Add((byte)(_extra.Count == 0 ? '{' : ','));
        _extra.AddRange(key);
        _extra.Add((byte)':');
        _extra.AddRange(value);
    }

    /// <summary>Ends the record: looks for what is missing and for what does not fit together.</summary>
    /// <returns>Whether the record satisfies the contract.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Complete()
    {
        if (_present < _fields.Length)
        {
            FindMissing();
        }

        CheckTimes();
        return Violations.Count == 0;
    }

    /// <summary>Time and symbol of a record that does not satisfy the contract, as far as they could be decoded.</summary>
    public RejectPlace Place()
    {
        var (time, symbol) = (Plan.EventTime, Plan.Symbol);
        return new RejectPlace(
            time >= 0 && _values[time].State == State.Set ? _values[time].Slot : null,
            symbol >= 0 && _values[symbol].State == State.Set ? new ReadOnlySpan<byte>(_values[symbol].Text, (int)_values[symbol].Slot).ToArray() : null);
    }

    /// <summary>Appends the record, which satisfies the contract.</summary>
    public void AppendTo(RecordBatch records, long line)
    {
        var columns = records.Columns;
        for (var i = 0; i < _fields.Length; i++)
        {
            ref var value = ref _values[i];
            var column = columns[i];
            if (value.State != State.Set)
            {
                column.AppendNull();
            }
            else if (column.Schema.IsBytes)
            {
                column.Append(new ReadOnlySpan<byte>(value.Text, (int)value.Slot));
            }
            else
            {
                column.Append(value.Slot);
            }
        }

        columns[_fields.Length].Append(line);
        if (_extra.Count == 0)
        {
            columns[_fields.Length + 1].AppendNull();
        }
        else
        {
            _extra.Add((byte)'}');
            columns[_fields.Length + 1].Append(_extra.AsSpan());
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_values);
        _scratch.Dispose();
        _extra.Dispose();
    }

    private void SetBase64(FieldPlan field, byte* text, byte* end, ReadOnlySpan<byte> found)
    {
        var length = (int)(end - text);
        var target = Scratch(length);
        var status = Base64.DecodeFromUtf8(new ReadOnlySpan<byte>(text, length), new Span<byte>(target, length), out _, out var written);
        if (status == OperationStatus.Done)
        {
            SetText(field, target, target + written);
        }
        else
        {
            Reject(field, ReasonCode.InvalidBase64, found);
        }
    }

    private void CheckText(FieldPlan field, ReadOnlySpan<byte> text)
    {
        _textCodes.Clear();
        field.CheckText(text, _textCodes);
        foreach (var code in _textCodes)
        {
            Reject(field, code, text);
        }
    }

    private void FindMissing()
    {
        foreach (var field in _fields)
        {
            if (field.Field.Required && !Has(field.Index))
            {
                RejectColumn(ReasonCode.MissingField, field.Name, null, field.Expected(ReasonCode.MissingField));
            }
        }
    }

    private void CheckTimes()
    {
        var (ingest, observed) = (Plan.IngestTime, Plan.EventTime);
        var known = ingest >= 0 ? ingest : observed;
        if (Plan.AsOfMicros is { } asOf && known >= 0 && _values[known].State == State.Set && Micros(known) > asOf)
        {
            RejectColumn(ReasonCode.AfterAsOf, _fields[known].Name, Instant(Micros(known)), "at most " + Instant(asOf));
        }

        if (ingest < 0 || observed < 0 || _values[ingest].State != State.Set || _values[observed].State != State.Set)
        {
            return;
        }

        // Both lie in the years 1 to 9999, so the difference cannot overflow.
        var lag = Micros(ingest) - Micros(observed);
        if (lag > Plan.MaxLagMicros)
        {
            RejectTimes(ReasonCode.IngestLagExceeded, lag, Plan.MaxLagMicros);
        }
        else if (-lag > Plan.MaxLeadMicros)
        {
            RejectTimes(ReasonCode.IngestLeadExceeded, -lag, Plan.MaxLeadMicros);
        }
    }

    private long Micros(int field) =>
        _fields[field].Type == ColumnType.Date ? _values[field].Slot * TimestampText.MicrosPerDay : _values[field].Slot;

    private void RejectTimes(ReasonCode code, long micros, long limit) =>
        RejectColumn(code, _fields[Plan.IngestTime].Name, Seconds(micros), "at most " + Seconds(limit));

    private static string Instant(long micros) =>
        DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static string Seconds(long micros) => FormattableString.Invariant($"{micros / 1e6} s");

    private struct Value
    {
        public long Slot;
        public byte* Text;
        public State State;
    }
}
