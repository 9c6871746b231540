using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>A folder of rule files that lasts as long as a test.</summary>
internal sealed class RuleFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("calendars-");

    public string PathOf(string id) => Path.Combine(_folder.FullName, id + ".yaml");

    public void Write(string id, string text) => File.WriteAllText(PathOf(id), text);

    public CalendarLibrary Library() => CalendarLibrary.Load(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);
}
