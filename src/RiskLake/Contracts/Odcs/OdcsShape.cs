using RiskLake.Contracts.Configuration;
using static RiskLake.Contracts.Configuration.ConfigShape;

namespace RiskLake.Contracts.Odcs;

/// <summary>
/// The closed objects of ODCS v3.1: every key that may stand in a contract, and its kind. Blocks that only people read (team,
/// support, price, servers) are held to their shape as well, so that a file we accept is one other tools accept.
/// </summary>
internal static class OdcsShape
{
    private static readonly ConfigShape CustomProperties = ListOf(Map(
        ("id", Identifier), ("property!", Text), ("value!", Any), ("description", Text)));

    private static readonly ConfigShape Definitions = ListOf(Map(
        ("id", Identifier), ("url!", Text), ("type!", Text), ("description", Text)));

    private static readonly ConfigShape Quality = ListOf(Map(
        ("id", Identifier), ("name", Text), ("description", Text), ("type", Word("library", "text", "sql", "custom")),
        ("dimension", Word("accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness")),
        ("unit", Text), ("severity", Text), ("businessImpact", Text), ("method", Text), ("scheduler", Text), ("schedule", Text),
        ("tags", Texts), ("customProperties", CustomProperties), ("authoritativeDefinitions", Definitions),
        ("metric", Word("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")), ("rule", Text),
        ("arguments", MapOf(Any)), ("query", Text), ("engine", Text), ("implementation", Either(Text, MapOf(Any))),
        ("mustBe", Any), ("mustNotBe", Any), ("mustBeGreaterThan", Number), ("mustBeGreaterOrEqualTo", Number),
        ("mustBeLessThan", Number), ("mustBeLessOrEqualTo", Number), ("mustBeBetween", ListOf(Number)),
        ("mustNotBeBetween", ListOf(Number))));

    private static readonly ConfigShape Reference = Either(Text, Texts);

    private static Key[] Element =>
    [
        ("id", Identifier), ("physicalName", Text), ("physicalType", Text), ("description", Text), ("businessName", Text), ("tags", Texts),
        ("authoritativeDefinitions", Definitions), ("customProperties", CustomProperties), ("quality", Quality),
    ];

    private static Key[] PropertyKeys(string name, bool later) =>
    [
        .. Element,
        .. later ? LaterPropertyKeys : [],
        (name, Text), ("primaryKey", ConfigShape.Boolean), ("primaryKeyPosition", Integer),
        ("logicalType", Word("string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean")),
        ("logicalTypeOptions", MapOf(Any)), ("required", ConfigShape.Boolean), ("unique", ConfigShape.Boolean),
        ("partitioned", ConfigShape.Boolean), ("partitionKeyPosition", Integer), ("classification", Text), ("encryptedName", Text),
        ("transformSourceObjects", Texts), ("transformLogic", Text), ("transformDescription", Text), ("examples", ListOf(Any)),
        ("criticalDataElement", ConfigShape.Boolean),
        ("relationships", ListOf(Map(("to!", Text), ("type", Word("foreignKey")), ("customProperties", CustomProperties)))),
    ];

    // What v3.2.0 added and this version acts upon, or may safely ignore.
    private static Key[] LaterPropertyKeys =>
    [
        ("enum", ListOf(Map(("value!", Scalar), ("label", Text), ("id", Identifier), ("description", Text)), 1)),
        ("deprecated", ConfigShape.Boolean), ("semanticType", Word("column", "measure", "dimension")), ("synonyms", Texts),
    ];

    private static ConfigShape Property(bool later)
    {
        var property = Map(PropertyKeys("name!", later));
        var item = Map(PropertyKeys("name", later));
        item.Add(("properties", ListOf(property)), ("items", item));
        return property.Add(("properties", ListOf(property)), ("items", item));
    }

    private static ConfigShape Schema(bool later) => Map(
    [
        .. Element,
        ("name!", Text), ("dataGranularityDescription", Text), ("logicalType", Word("object")), ("properties", ListOf(Property(later))),
        ("relationships", ListOf(Map(
            ("from!", Reference), ("to!", Reference), ("type", Word("foreignKey")), ("customProperties", CustomProperties)))),
    ]);

    private static ConfigShape Team()
    {
        var members = ListOf(Map(
            ("id", Identifier), ("username!", Text), ("name", Text), ("description", Text), ("role", Text), ("dateIn", Text),
            ("dateOut", Text), ("replacedByUsername", Text), ("tags", Texts), ("customProperties", CustomProperties),
            ("authoritativeDefinitions", Definitions)));
        return Either(members, Map(
            ("id", Identifier), ("name", Text), ("description", Text), ("members", members), ("tags", Texts),
            ("customProperties", CustomProperties), ("authoritativeDefinitions", Definitions)));
    }

    private static ConfigShape Roles => ListOf(Map(
        ("id", Identifier), ("role!", Text), ("description", Text), ("access", Text), ("firstLevelApprovers", Text),
        ("secondLevelApprovers", Text), ("customProperties", CustomProperties)));

    /// <summary>A whole contract document; servers have a shape per type and are checked by <see cref="OdcsServers"/>.</summary>
    /// <param name="later">Whether it says v3.2.0, of which the keys that matter here are known.</param>
    public static ConfigShape Document(bool later) => Map(
        ("version!", Text), ("apiVersion!", Text), ("kind!", Word("DataContract")), ("id!", Text), (later ? "status" : "status!", Text),
        ("name", Text), ("tenant", Text), ("domain", Text), ("dataProduct", Text), ("contractCreatedTs", Text), ("tags", Texts),
        ("description", MapOf(Any)), ("schema!", ListOf(Schema(later), 1)), ("servers", ListOf(MapOf(Any))),
        ("support", ListOf(Map(
            ("id", Identifier), ("channel!", Text), ("url", Text), ("description", Text), ("tool", Text), ("scope", Text),
            ("invitationUrl", Text),
            ("customProperties", CustomProperties)))),
        ("price", Map(("id", Identifier), ("priceAmount", Number), ("priceCurrency", Text), ("priceUnit", Text))),
        ("team", Team()), ("roles", Roles), ("slaDefaultElement", Text),
        ("slaProperties", ListOf(Map(
            ("id", Identifier), ("property!", Text), ("value!", Any), ("valueExt", Any), ("unit", Text), ("element", Text),
            ("driver", Word("regulatory", "analytics", "operational")), ("description", Text), ("scheduler", Text), ("schedule", Text)))),
        ("authoritativeDefinitions", Definitions), ("customProperties", CustomProperties));
}
