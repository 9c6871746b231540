using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace RiskLake.Cli.Query;

/// <summary>What kind of statement a prepared one is; the bindings do not say.</summary>
internal static partial class StatementType
{
    public static DuckDBStatementType Of(DuckDBPreparedStatement prepared)
    {
        var held = false;
        try
        {
            prepared.DangerousAddRef(ref held);
            return (DuckDBStatementType)TypeOf(prepared.DangerousGetHandle());
        }
        finally
        {
            if (held)
            {
                prepared.DangerousRelease();
            }
        }
    }

    [LibraryImport("duckdb", EntryPoint = "duckdb_prepared_statement_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int TypeOf(IntPtr statement);
}
