using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

public sealed class CalendarLibraryTests : IDisposable
{
    private readonly RuleFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_package_holds_every_market()
    {
        const string ids = "24-5,24-7,BVMF,CMEEN,CMEEQ,CMES,FX,T2,USFED,XAMS,XASX,XBKK,XBOM,XBRU,XCSE,XDUB,XETR,XFRA,XHEL,XHKG,XIST,XJSE,"
            + "XKRX,XLIS,XLON,XMAD,XMEX,XMIL,XNSE,XNYS,XNZE,XOSL,XPAR,XSAU,XSES,XSHE,XSHG,XSTO,XSWX,XTAE,XTAI,XTKS,XTSE,XWAR,XWBO";
        Assert.Equal(ids, string.Join(',', CalendarLibrary.BuiltIn.Ids));
        Assert.Equal(ids, string.Join(',', CalendarLibrary.BuiltIn.List().Select(r => r.Id)));
    }

    [Fact]
    public void The_packaged_files_are_those_of_the_configuration_folder()
    {
        var configured = CalendarLibrary.Load(Reference.Config());
        Assert.Equal(
            CalendarLibrary.BuiltIn.List().Select(r => (r.Id, r.Sha256)),
            configured.List().Select(r => (r.Id, r.Sha256)));
    }

    [Fact]
    public void A_file_of_the_folder_replaces_the_packaged_one_and_may_build_on_it()
    {
        _folder.Write("XNYS", """
            inherits: XNYS
            id: XNYS
            known: {from: 2020-01-01, through: 2028-12-31}
            closures: []
            """);
        var own = _folder.Library().Get("XNYS");
        Assert.True(own.IsSession(new(2025, 1, 9)));
        Assert.False(own.IsSession(new(2025, 1, 1)));
        Assert.Equal(new DateOnly(2020, 1, 1), own.KnownFrom);
        Assert.Equal(_folder.PathOf("XNYS") + ",calendars/XNYS.yaml", string.Join(',', own.Rules.Files));
        Assert.NotEqual(CalendarLibrary.BuiltIn.Get("XNYS").Rules.Sha256, own.Rules.Sha256, StringComparer.Ordinal);
        Assert.Empty(own.Rules.Aliases); // a second name belongs to one file
        Assert.Equal("XLON", _folder.Library().Get("LSE").Id);
    }

    [Fact]
    public void A_new_calendar_inherits_from_a_packaged_one_through_another()
    {
        _folder.Write("DESK", "inherits: XFRA\nid: DESK\nname: Desk\naliases: [OURS]\n");
        var desk = _folder.Library().Get("ours");
        var (from, through) = (new DateOnly(2020, 1, 1), new DateOnly(2024, 12, 31));
        Assert.Equal(CalendarLibrary.BuiltIn.Get("XETR").Sessions(from, through), desk.Sessions(from, through));
        Assert.Equal("calendars/XFRA.yaml,calendars/XETR.yaml", string.Join(',', desk.Rules.Files.Skip(1)));
    }

    [Fact]
    public void An_error_in_an_inherited_key_names_the_file_that_holds_it()
    {
        _folder.Write("CHILD", "inherits: PARENT\nid: CHILD\n");
        _folder.Write("PARENT", """
            schema: exchange-calendar/1
            id: PARENT
            name: Parent
            zone: Nowhere
            week: [mon]
            hours: [{open: "08:00", close: "09:00"}]
            """);
        var error = Assert.Throws<CalendarException>(() => _folder.Library().Get("CHILD"));
        Assert.Equal((_folder.PathOf("PARENT"), 4), (error.File, error.Line!.Value));
    }

    [Fact]
    public void Inheritance_in_a_circle_is_refused()
    {
        _folder.Write("A", "inherits: B\nid: A\n");
        _folder.Write("B", "inherits: A\nid: B\n");
        Assert.Contains("circle", Assert.Throws<CalendarException>(() => _folder.Library().Get("A")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_judged_when_it_is_asked_for_and_when_all_are_listed()
    {
        _folder.Write("DESK", "inherits: XETR\nid: DESK\naliases: [OURS]\ncolour: red\n");
        _folder.Write("OTHER", "inherits: XETR\nid: OTHER\ncolour: blue\n");
        Assert.Equal("XLON", _folder.Library().Get("LSE").Id);
        var asked = Assert.Throws<CalendarException>(() => _folder.Library().Get("ours"));
        Assert.Equal((_folder.PathOf("DESK"), 4), (asked.File, asked.Line!.Value));

        // Whatever order the files are read in, the first one in order is the one that is told of.
        var listed = Assert.Throws<CalendarException>(() => _folder.Library().List());
        Assert.Equal((_folder.PathOf("DESK"), 4), (listed.File, listed.Line!.Value));
    }

    [Fact]
    public void An_alias_that_names_two_calendars_is_refused()
    {
        _folder.Write("DESK", "inherits: XETR\nid: DESK\naliases: [NYSE]\n");
        var error = Assert.Throws<CalendarException>(() => _folder.Library().List());
        Assert.Contains("alias `NYSE` already names", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_that_is_the_id_of_another_calendar_is_refused()
    {
        _folder.Write("DESK", "inherits: XETR\nid: DESK\naliases: [XLON]\n");
        var error = Assert.Throws<CalendarException>(() => _folder.Library().List());
        Assert.Contains("alias `XLON` already names XLON", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_nobody_has_is_refused_with_those_that_exist()
    {
        var error = Assert.Throws<CalendarException>(() => CalendarLibrary.BuiltIn.Get("XNOW"));
        Assert.Equal(CalendarFault.UnknownCalendar, error.Fault);
        Assert.Contains("XNYS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_another_ending_is_refused_rather_than_left_aside()
    {
        File.WriteAllText(Path.ChangeExtension(_folder.PathOf("XNYS"), ".yml"), "");
        Assert.Contains("end in `.yaml`", Assert.Throws<CalendarException>(_folder.Library).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_refused() =>
        Assert.Equal(CalendarFault.RuleFile, Assert.Throws<CalendarException>(() => CalendarLibrary.Load("/nowhere/at/all")).Fault);
}
