using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Contracts;

/// <summary>The limits of the quality gate and of the volatility status. Every limit is written in the file but one: none other is assumed.</summary>
internal sealed record Thresholds
{
    private const double StandardConflictRate = 0.01;

    private static ConfigShape Body(string volatility) => ConfigShape.Map(
        ("data_quality!", ConfigShape.Map(
            ("max_late_rate!", ConfigShape.Number),
            ("max_duplicate_rate!", ConfigShape.Number),
            ("max_quarantine_rate!", ConfigShape.Number),
            ("max_conflict_rate", ConfigShape.Number),
            ("late_seconds", ConfigShape.Integer))),
        (volatility + "!", ConfigShape.Map(
            ("warn!", ConfigShape.Number),
            ("critical!", ConfigShape.Number))));

    /// <summary>Largest share of late records among the deduplicated; a breach is strictly above.</summary>
    public required double MaxLateRate { get; init; }

    /// <summary>Largest share of duplicates among the validated records.</summary>
    public required double MaxDuplicateRate { get; init; }

    /// <summary>Largest share of quarantined records among those read.</summary>
    public required double MaxQuarantineRate { get; init; }

    /// <summary>Largest share of records that contradict events of other runs, among the validated; the only limit that may be left out.</summary>
    public double MaxConflictRate { get; init; } = StandardConflictRate;

    /// <summary>Volatility from which a symbol's status is <c>warn</c>.</summary>
    public required double VolatilityWarn { get; init; }

    /// <summary>Volatility from which a symbol's status is <c>critical</c>.</summary>
    public required double VolatilityCritical { get; init; }

    /// <summary>A record is late if it arrived more than this many seconds after its event.</summary>
    public int LateSeconds { get; init; } = 300;

    /// <summary>Digest of the normalised limits, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <exception cref="RiskLakeException">RL1103 for a limit that is missing, misspelt or out of range; RL1101 and RL1102 for the
    /// file.</exception>
    public static Thresholds Load(string path) => Load(ConfigFile.Read(path));

    public static Thresholds Load(ConfigFile file)
    {
        var problems = new ConfigProblems(file.Path, ErrorCode.ThresholdInvalid);
        var body = file.Root["thresholds"] ?? file.Root;
        var section = body["volatility"] is null ? "volatility_5m" : "volatility";
        var shape = Body(section);
        (ReferenceEquals(body, file.Root) ? shape : ConfigShape.Map(("thresholds!", shape))).Check(file.Root, "the thresholds", problems);
        var quality = body.MapOf("data_quality");
        var volatility = body.MapOf(section);
        var late = Rate(quality, "max_late_rate", problems);
        var duplicate = Rate(quality, "max_duplicate_rate", problems);
        var quarantine = Rate(quality, "max_quarantine_rate", problems);
        var conflict = quality?["max_conflict_rate"] is null ? StandardConflictRate : Rate(quality, "max_conflict_rate", problems);
        var warn = Level(volatility, "warn", problems);
        var critical = Level(volatility, "critical", problems);
        if (warn > critical)
        {
            problems.Error(
                "T003", volatility!["warn"]!, volatility["warn"]!.Describe(), "warn <= critical", "swap or correct the two limits");
        }

        var lateSeconds = LateLimit(quality, problems);
        problems.ThrowIfAny();
        var text = new CanonicalText("thresholds-hash/1")
            .Add("max_late_rate", late)
            .Add("max_duplicate_rate", duplicate)
            .Add("max_quarantine_rate", quarantine)
            .Add("late_seconds", lateSeconds)
            .Add("volatility_warn", warn)
            .Add("volatility_critical", critical);
        if (conflict != StandardConflictRate)
        {
            text.Add("max_conflict_rate", conflict);
        }

        return new()
        {
            MaxLateRate = late,
            MaxDuplicateRate = duplicate,
            MaxQuarantineRate = quarantine,
            MaxConflictRate = conflict,
            LateSeconds = lateSeconds,
            VolatilityWarn = warn,
            VolatilityCritical = critical,
            Sha256 = text.Sha256(),
        };
    }

    private static double Rate(ConfigNode? section, string name, ConfigProblems problems)
    {
        var node = section?[name];
        var value = node?.AsNumber ?? 0;
        if (node is not null && value is not (>= 0 and <= 1))
        {
            problems.Error("T001", node, $"{node.Describe()} for {name}", "a share from 0 to 1", "2 % is written 0.02");
        }

        return value;
    }

    private static double Level(ConfigNode? section, string name, ConfigProblems problems)
    {
        var node = section?[name];
        var value = node?.AsNumber ?? 0;
        if (node is not null && !(value > 0 && double.IsFinite(value)))
        {
            problems.Error("T002", node, $"{node.Describe()} for {name}", "a finite number above 0", "7 % is written 0.07");
        }

        return value;
    }

    private static int LateLimit(ConfigNode? section, ConfigProblems problems)
    {
        if (section?["late_seconds"] is not { Kind: ConfigKind.Integer } node)
        {
            return 300;
        }

        if (node.AsInteger is >= 0 and <= int.MaxValue and var seconds)
        {
            return (int)seconds;
        }

        problems.Error(
            "T004", node, node.Describe(), string.Create(CultureInfo.InvariantCulture, $"0 to {int.MaxValue} seconds"),
            "correct the value");
        return 300;
    }
}
