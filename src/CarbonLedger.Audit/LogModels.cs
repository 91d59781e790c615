using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>All that is recomputed while the log is read, from the events' JSON alone. What a projection writes is recomputed up to its checkpoint.</summary>
public sealed class LogModels(Checkpoints checkpoints)
{
    public UnitModel Units { get; } = new();

    public BalanceModel Balances { get; } = new();

    public LienModel Liens { get; } = new();

    /// <summary>The tables whose rows each follow from a few events. To have one more looked at, add it to a model, or a model here.</summary>
    public IReadOnlyList<RowModel> Rows { get; } = [new NameModel(), new ClaimModel(), new RetirementModel(), new LoanModel(), new TradeModel(), new PartyModel()];

    /// <summary>Takes in one event. Returns what is wrong with it, or null.</summary>
    public string? Apply(long position, string type, JsonElement data)
    {
        var counts = checkpoints.Has(Checkpoints.Balances, position);
        var wrong = Units.Apply(type, data, counts ? Balances : null);
        Balances.Close(position);
        if (counts)
        {
            Liens.Apply(position, type, data);
        }

        foreach (var model in Rows)
        {
            if (checkpoints.Has(model.Projection, position))
            {
                model.Apply(position, type, data);
            }
        }

        return wrong;
    }
}
