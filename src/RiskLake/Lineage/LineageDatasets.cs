using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Quality;

namespace RiskLake.Lineage;

/// <summary>The datasets of an event: files that are read, tables that are written.</summary>
internal sealed class LineageDatasets(string lakeRoot, LineageStart start)
{
    public const string Namespace = "file";

    /// <summary>Inputs, with what was read and how they were judged once that is known.</summary>
    public JsonArray Inputs(LineageResult? result) => new(
    [
        .. start.Inputs.Select((input, i) => Input(input.Path, i, result)),
        .. start.Tables.Select(table => TableRead(table.Layer, table.Dataset, result)),
    ]);

    /// <summary>One output for each table the attempt has files in.</summary>
    public JsonArray Outputs(LineageResult result) => new([.. result.Files
        .GroupBy(file => (file.Layer, file.Dataset))
        .OrderBy(table => table.Key.Layer).ThenBy(table => table.Key.Dataset, StringComparer.Ordinal)
        .Select(table => Output(table.Key.Layer, table.Key.Dataset, table.ToArray(), result))]);

    /// <summary>Absolute path of a table, its name among datasets.</summary>
    public string TablePath(Layer layer, string dataset) => $"{lakeRoot}/{DataFile.LayerName(layer)}/{dataset}";

    /// <summary>Path of the signals that the run carries; null if it carries none.</summary>
    public string? SignalsPath => start.SignalsDataset is { } dataset ? TablePath(Layer.Silver, dataset) : null;

    private JsonObject TableRead(Layer layer, string dataset, LineageResult? result)
    {
        var path = TablePath(layer, dataset);
        var facets = new JsonObject { ["dataSource"] = Facets.DataSource(path), ["datasetType"] = Facets.DatasetType("TABLE") };
        if (result is not null)
        {
            facets["version"] = Facets.DatasetVersion(result.VersionRead.ToString(CultureInfo.InvariantCulture));
        }

        return new JsonObject { ["namespace"] = Namespace, ["name"] = path, ["facets"] = facets };
    }

    private JsonObject Input(string path, int index, LineageResult? result)
    {
        var facets = new JsonObject
        {
            ["dataSource"] = Facets.DataSource(path),
            ["datasetType"] = Facets.DatasetType("FILE"),
            ["schema"] = Facets.Schema(start.Contract.Fields.Select(field => new ColumnModel(field.Column, "", ""))),
        };
        var dataset = new JsonObject { ["namespace"] = Namespace, ["name"] = path, ["facets"] = facets };
        if (result is not null)
        {
            var read = result.Inputs[index];
            facets["version"] = Facets.DatasetVersion(read.Sha256);
            facets["dataQualityAssertions"] = Facets.Assertions(Assertions(result.Checks));
            dataset["inputFacets"] = new JsonObject { ["inputStatistics"] = Facets.InputStatistics(read.RecordsRead, read.Bytes, 1) };
        }

        return dataset;
    }

    private JsonObject Output(Layer layer, string dataset, DataFile[] files, LineageResult result)
    {
        var path = TablePath(layer, dataset);
        var facets = new JsonObject
        {
            ["dataSource"] = Facets.DataSource(path),
            ["datasetType"] = Facets.DatasetType("TABLE"),
            ["schema"] = Facets.Schema(TableModel.Columns(start.Contract, layer, dataset)),
            ["version"] = Facets.DatasetVersion(result.VersionWritten.ToString(CultureInfo.InvariantCulture)),
        };
        if (start.Contract.Fields.Count > 0 && new ColumnSources(start.Contract, this).Of(layer, dataset) is { } lineage)
        {
            facets["columnLineage"] = lineage;
        }

        return new JsonObject
        {
            ["namespace"] = Namespace,
            ["name"] = path,
            ["facets"] = facets,
            ["outputFacets"] = new JsonObject
            {
                ["outputStatistics"] = Facets.OutputStatistics(files.Sum(file => file.Rows), files.Sum(file => file.Bytes), files.Length),
                ["subset"] = Facets.OutputPartitions(new JsonArray([.. files.OrderBy(file => file.Partition).Select(Partition)])),
            },
        };
    }

    private static JsonObject Partition(DataFile file) => new()
    {
        ["identifier"] = $"contract_version={file.ContractVersion}/{file.Partition.Path}/run_id={file.RunId}",
        ["dimensions"] = new JsonObject
        {
            ["contract_version"] = file.ContractVersion,
            ["year"] = file.Partition.Start.Year,
            ["month"] = file.Partition.Start.Month,
            ["day"] = file.Partition.Start.Day,
            ["hour"] = file.Partition.Start.Hour,
            ["run_id"] = file.RunId,
        },
    };

    /// <summary>The checks that have a result; success is whether the check found nothing, whatever followed from it.</summary>
    private static JsonArray Assertions(IReadOnlyList<CheckResult> checks) => new([.. checks
        .Where(check => check.Status is not (CheckStatus.NotApplicable or CheckStatus.NotExecuted))
        .Select(Assertion)]);

    private static JsonObject Assertion(CheckResult check)
    {
        var assertion = new JsonObject
        {
            ["assertion"] = check.Rule,
            ["success"] = check.Status == CheckStatus.Passed,
            ["severity"] = check.IsBlocking ? "error" : "warn",
            ["name"] = check.Rule,
        };
        if (check.Column is { } column && !column.Contains(',', StringComparison.Ordinal))
        {
            assertion["column"] = column;
        }

        if (check.Expected is { } expected)
        {
            assertion["expected"] = expected;
        }

        if (check.Observed is { } observed)
        {
            assertion["actual"] = observed.ToString("R", CultureInfo.InvariantCulture);
        }

        assertion["params"] = new JsonObject
        {
            ["evaluated_rows"] = check.EvaluatedRows,
            ["failed_rows"] = check.FailedRows,
            ["status"] = check.StatusText,
        };
        return assertion;
    }
}
