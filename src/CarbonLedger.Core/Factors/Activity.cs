namespace CarbonLedger.Core.Factors;

/// <summary>What causes emissions, with the scope it belongs to unless a line says otherwise.</summary>
public sealed record Activity(string Name, string Chinese, int Scope, IReadOnlyList<string> Units)
{
    public const string GridElectricity = "gridElectricity";

    public const string PurchasedHeat = "purchasedHeat";

    /// <summary>The activities that the factor library knows.</summary>
    public static IReadOnlyList<Activity> All { get; } =
    [
        new(GridElectricity, "电网电力", 2, ["kWh"]),
        new(PurchasedHeat, "外购热力", 2, ["GJ"]),
        new("naturalGas", "天然气", 1, ["m3"]),
        new("petrol", "汽油", 1, ["kg"]),
        new("diesel", "柴油", 1, ["kg"]),
        new("lpg", "液化石油气", 1, ["kg"]),
        new("kerosene", "煤油", 1, ["kg"]),
        new("fuelOil", "燃料油", 1, ["kg"]),
        new("rawCoal", "原煤", 1, ["kg"]),
        new("coke", "焦炭", 1, ["kg"]),
    ];

    public static Activity? Find(string name) => All.FirstOrDefault(a => a.Name == name);
}
