using System.Globalization;
using CarbonLedger.Core.Trades;
using NodaTime.Text;

namespace CarbonLedger.Server.Reconciliations;

/// <summary>One line of a trade as the register has it.</summary>
/// <param name="Serial">Read only where the list names serials.</param>
public sealed record RegisteredLine(VoucherId Voucher, SerialPrefix? Serial, Kilograms Kilograms, PricePerTonne PricePerTonne, Money Amount);

/// <summary>A trade as the register has it, and what differs from what a list says of it.</summary>
/// <param name="Status">As it is in truth: a hold whose time is over has ended, whether or not its end is recorded yet.</param>
public sealed record RegisteredTrade(Guid Id, string Number, AccountId Seller, AccountId Buyer, Instant TradedAt, TradeStatus Status, IReadOnlyList<RegisteredLine> Lines)
{
    public long Kilograms => Lines.Sum(l => l.Kilograms.Value);

    public decimal Amount => Lines.Sum(l => l.Amount.Amount);

    /// <summary>True unless it was given up or ran out.</summary>
    public bool Stands => Status is TradeStatus.Registered or TradeStatus.Settled;

    public List<DifferenceWire> DifferencesFrom(ListedTrade listed)
    {
        var found = new List<DifferenceWire>();
        Compare(found, "sellerAccountId", listed.Seller?.ToString(), Seller.ToString());
        Compare(found, "buyerAccountId", listed.Buyer?.ToString(), Buyer.ToString());
        // Spreadsheets keep seconds.
        if (listed.TradedAt is { } time && time.ToUnixTimeSeconds() != TradedAt.ToUnixTimeSeconds())
        {
            Compare(found, "tradedAt", InstantPattern.ExtendedIso.Format(time), InstantPattern.ExtendedIso.Format(TradedAt));
        }

        if (listed.Status is { } status)
        {
            Compare(found, "status", Names.Of(status), Names.Of(Status));
        }
        else if (!Stands)
        {
            found.Add(new DifferenceWire { Member = "status", Ours = Names.Of(Status) });
        }

        if (listed.Lines[0].Voucher is null)
        {
            CompareWhole(found, listed.Lines[0]);
        }
        else
        {
            CompareLines(found, listed.Lines);
        }

        return found;
    }

    /// <summary>A list without vouchers speaks of the whole trade.</summary>
    private void CompareWhole(List<DifferenceWire> found, ListedLine listed)
    {
        Compare(found, "kilograms", Text(listed.Kilograms.Value), Text(Kilograms));
        Compare(found, "pricePerTonne", listed.PricePerTonne?.ToString(), string.Join(' ', Lines.Select(l => l.PricePerTonne.ToString()).Distinct()));
        Compare(found, "amount", listed.Amount?.ToString(), Amount.ToString("0.00", CultureInfo.InvariantCulture));
    }

    private void CompareLines(List<DifferenceWire> found, IReadOnlyList<ListedLine> listed)
    {
        var met = new HashSet<VoucherId>();
        foreach (var theirs in listed)
        {
            // Named twice, once by id and once by serial, it is one too many.
            if (Lines.FirstOrDefault(l => theirs.Voucher!.Is(l.Voucher, l.Serial)) is not { } ours || !met.Add(ours.Voucher))
            {
                found.Add(new DifferenceWire { Member = "voucher", Theirs = theirs.Voucher!.Text });
                continue;
            }

            Compare(found, "kilograms", Text(theirs.Kilograms.Value), Text(ours.Kilograms.Value), ours.Voucher);
            Compare(found, "pricePerTonne", theirs.PricePerTonne?.ToString(), ours.PricePerTonne.ToString(), ours.Voucher);
            Compare(found, "amount", theirs.Amount?.ToString(), ours.Amount.ToString(), ours.Voucher);
        }

        found.AddRange(Lines
            .Where(ours => !met.Contains(ours.Voucher))
            .Select(ours => new DifferenceWire { Member = "voucher", VoucherId = ours.Voucher, Ours = ours.Voucher.ToString() }));
    }

    /// <summary>What the list does not say is not compared.</summary>
    private static void Compare(List<DifferenceWire> found, string member, string? theirs, string ours, VoucherId? voucher = null)
    {
        if (theirs is not null && theirs != ours)
        {
            found.Add(new DifferenceWire { Member = member, VoucherId = voucher, Theirs = theirs, Ours = ours });
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
