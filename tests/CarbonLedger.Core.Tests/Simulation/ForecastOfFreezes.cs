namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>What the auditor expects of commands about freezes of serials.</summary>
internal sealed partial class Forecast
{
    private string Freeze(OrderFreeze c, Actor actor)
    {
        if (!actor.IsRegistrar)
        {
            return "not-authorized";
        }

        foreach (var (line, i) in c.Lines!.Select((l, i) => (l, i)))
        {
            if (!auditor.Vouchers.TryGetValue(line.Voucher.Value, out var cells))
            {
                return "voucher-not-found";
            }

            if (c.Lines!.Take(i).Any(l => l.Voucher == line.Voucher))
            {
                return "duplicate-voucher-line";
            }

            long[] serials;
            if (line.Ranges is { } ranges)
            {
                serials = Expand(ranges);
                var refusal = serials.Any(s => s > cells.Length) ? "serials-beyond-voucher"
                    : serials.Select(s => cells[s - 1]).Select(cell => cell.Fate != Auditor.Fate.Live ? "units-not-live" : cell.HasRoomForStop ? null : "too-many-locks").FirstOrDefault(r => r is not null);
                if (refusal is not null)
                {
                    return refusal;
                }
            }
            else
            {
                serials = SerialsWhere(line.Voucher.Value, cell => cell.Fate == Auditor.Fate.Live && !cell.IsFrozen).Take((int)line.Kilograms.Value).ToArray();
                if (serials.Length < line.Kilograms.Value)
                {
                    return "insufficient-live-units";
                }
            }

            Serials.AddRange(serials.GroupBy(s => cells[s - 1].Holder).Select(g => g.ToArray()));
        }

        return Accepted;
    }

    private string Lifting(LiftFreeze c, Actor actor)
    {
        if (!actor.IsRegistrar)
        {
            return "not-authorized";
        }

        return !auditor.Stops.TryGetValue(c.Freeze.Value, out var stop) ? "freeze-not-found"
            : stop.Lifted ? "freeze-lifted"
            : stop.Authority != c.Authority ? "authority-differs" : Accepted;
    }

    /// <summary>What came upon locked units since: they go to no other holder (P4).</summary>
    private string? Stopped(IEnumerable<(Guid Voucher, long[] Serials)> units) =>
        units.Any(u => auditor.Revoked.Contains(u.Voucher)) ? "voucher-revoked"
        : units.Any(u => u.Serials.Any(s => auditor.Vouchers[u.Voucher][s - 1].IsFrozen)) ? "units-frozen" : null;
}
