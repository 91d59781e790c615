namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Freezes of serials as the auditor keeps them; they lie on whatever else lies there.</summary>
internal sealed partial class Auditor
{
    /// <summary>Serials by voucher, the authority, and whether the freeze was lifted.</summary>
    internal sealed record Stop(IReadOnlyList<(VoucherId Voucher, long Serial)> Units, string Authority)
    {
        public bool Lifted { get; set; }
    }

    public Dictionary<Guid, Stop> Stops { get; } = [];

    private void ReadFreeze(FreezeEvent fact, RecordedEvent recorded)
    {
        Check(recorded.Actor.IsRegistrar, "another than the registrar froze or unfroze units");
        switch (fact)
        {
            case FreezeEvent.FreezeOrdered e:
                Stops.Add(e.Freeze.Value, new Stop([.. e.Units!.SelectMany(u => SerialsOf(u.Serials), (u, serial) => (u.Voucher, serial))], e.Authority));
                Announce(e.Freeze.Value);
                break;
            case FreezeEvent.FreezeLifted e:
                Check(!Stops[e.Freeze.Value].Lifted, "a freeze was lifted twice");
                Stops[e.Freeze.Value].Lifted = true;
                Announce(e.Freeze.Value);
                break;
        }
    }

    private void Announce(Guid freeze)
    {
        foreach (var (voucher, serial) in Stops[freeze].Units)
        {
            Toggle($"{freeze} comes to or leaves {serial} of {voucher}");
        }
    }

    /// <summary>A voucher's event speaks of one holder's serials only, so each kilogram is counted by itself.</summary>
    private void Freeze(VoucherId voucher, SerialRanges serials, Guid freeze)
    {
        foreach (var serial in SerialsOf(serials))
        {
            Toggle($"{freeze} comes to or leaves {serial} of {voucher}");
        }
    }

    private static IEnumerable<long> SerialsOf(SerialRanges serials)
    {
        foreach (var range in serials)
        {
            for (var serial = range.First; serial <= range.Last; serial++)
            {
                yield return serial;
            }
        }
    }
}
