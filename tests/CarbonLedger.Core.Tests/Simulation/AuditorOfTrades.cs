namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Trades as the auditor keeps them.</summary>
internal sealed partial class Auditor
{
    internal sealed record Deal(Guid Venue, Guid Seller, Guid Buyer, IReadOnlyList<(VoucherId Voucher, string Serials)> Units, string Lines, decimal Amount)
    {
        /// <summary>"registered", "settled", "voided" or "expired".</summary>
        public string Status { get; set; } = "settled";

        public Instant? Until { get; init; }
    }

    public Dictionary<Guid, Deal> Deals { get; } = [];

    public HashSet<string> TradeNumbers { get; } = [];

    private void ReadTrade(TradeEvent fact, RecordedEvent recorded)
    {
        switch (fact)
        {
            case TradeEvent.TradeRegistered e:
                Deals.Add(e.Trade.Value, DealOf(e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.Amount) with { Status = "registered", Until = e.HoldUntil });
                Check(e.HoldUntil > recorded.At, "a hold was over before it began");
                foreach (var line in e.Lines)
                {
                    Toggle(Came(e.Trade.Value, line.Voucher, line.Serials, e.Seller, false, Guid.Empty));
                }

                break;
            case TradeEvent.TradeSettled e:
                if (Deals.TryGetValue(e.Trade.Value, out var held))
                {
                    Check(held.Lines == LinesOf(e.Lines) && held.Amount == e.Amount.Amount && held.Seller == e.Seller.Value && held.Buyer == e.Buyer.Value, "a trade was settled as another one");
                    EndByVenue(held, recorded, "settled");
                    AnnounceEnd(e.Trade.Value);
                }
                else
                {
                    Deals.Add(e.Trade.Value, DealOf(e.Venue, e.VenueTradeNumber, e.Seller, e.Buyer, e.Lines, e.Amount));
                }

                foreach (var line in e.Lines)
                {
                    Toggle(Moved(e.Trade.Value, line.Voucher, line.Serials, e.Seller, e.Buyer));
                }

                break;
            case TradeEvent.TradeVoided e:
                EndByVenue(Deals[e.Trade.Value], recorded, "voided");
                AnnounceEnd(e.Trade.Value);
                break;
            case TradeEvent.TradeExpired e:
                var late = Deals[e.Trade.Value];
                Check(late.Status == "registered" && late.Until <= recorded.At, "a hold ended before its time");
                late.Status = "expired";
                AnnounceEnd(e.Trade.Value);
                break;
        }
    }

    private Deal DealOf(OrganizationId venue, string number, AccountId seller, AccountId buyer, IReadOnlyList<TradeLine> lines, Money amount)
    {
        Check(TradeNumbers.Add(number), "a trade number was given twice");
        Check(amount.Amount == lines.Sum(l => Worth(l.Serials.Sum(r => r.Last - r.First + 1), l.PricePerTonne.Amount)), "a trade's amount is not the sum of its lines");
        return new Deal(venue.Value, seller.Value, buyer.Value, [.. lines.Select(l => (l.Voucher, Text(l.Serials)))], LinesOf(lines), amount.Amount);
    }

    private static void EndByVenue(Deal deal, RecordedEvent recorded, string status)
    {
        Check(recorded.Actor.Organization?.Value == deal.Venue, "another than the venue ended a trade");
        Check(deal.Status == "registered" && deal.Until > recorded.At, $"a trade that was {deal.Status} until {deal.Until} was {status}");
        deal.Status = status;
    }

    /// <summary>A hold ends on all units of its trade at once.</summary>
    private void AnnounceEnd(Guid trade)
    {
        foreach (var (voucher, serials) in Deals[trade].Units)
        {
            Toggle(Left(trade, voucher, serials));
        }
    }

    private static void CompareTrade(TradeState state, Deal deal) => Check(
        state.Status.ToString().Equals(deal.Status, StringComparison.OrdinalIgnoreCase) && state.HoldUntil == deal.Until && LinesOf(state.Lines) == deal.Lines,
        $"a trade stands as {state.Status} until {state.HoldUntil}, in the book it is {deal.Status} until {deal.Until}");

    private static string LinesOf(IReadOnlyList<TradeLine> lines) => string.Join(';', lines.Select(l => $"{l.Voucher} {Text(l.Serials)} {l.PricePerTonne.Amount:0.0000}"));
}
