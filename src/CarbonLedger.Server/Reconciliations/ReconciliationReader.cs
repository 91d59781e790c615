using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;
using Npgsql;

namespace CarbonLedger.Server.Reconciliations;

/// <summary>Holds a venue's own list of a day against the register's trades of that day.</summary>
public sealed class ReconciliationReader(LedgerDatabase database, ProjectionSet projections, ThingReader things, LogClock clock)
{
    /// <summary>With the position in the same statement, so that the answer names exactly what it read.</summary>
    private const string OfDay =
        """
        select p.last_seq_id, t.trade_id, t.trade_number, t.seller_id, t.buyer_id, t.traded_at, t.status, t.hold_until, t.voucher_id, t.kilograms, t.price_per_tonne, t.amount
        from mt_event_progression p left join ledger.venue_trades t on t.venue_id = $1 and t.date = $2
        where p.name = 'LoanBook:All'
        order by t.trade_number, t.line
        """;

    /// <summary>Who may ask: the venue itself, and the registrar.</summary>
    /// <exception cref="RefusedException">Somebody else asks, or this is no venue.</exception>
    public async Task RequireVenueAsync(OrganizationId venue, LocalDate date, Actor asker, ReadQuestion question)
    {
        if (!asker.MayActFor(venue))
        {
            throw new RefusedException(new Refusal.NotAuthorized(asker, "Reconciling a day", "its venue"));
        }

        var organization = await things.FindAsync<OrganizationState>(venue.Value, question, new Refusal.OrganizationNotFound(venue));
        if (!organization.Roles.Contains(Role.Exchange))
        {
            throw new RefusedException(new Refusal.OrganizationLacksRole(venue, Role.Exchange));
        }

        if (RegistryCalendar.DateOf(clock.Now) is var today && date > today)
        {
            throw new RefusedException(new Refusal.DateInFuture("date", date, today));
        }
    }

    public async Task<ReconciliationWire> ReadAsync(OrganizationId venue, LocalDate date, TradeList list, ReadQuestion question)
    {
        await projections.Loans.PositionAsync(question);
        var serials = list.NamesSerials ? await SerialsAsync(venue, date) : [];
        var findings = new Findings(list, question.Limit);
        var logIndex = 0L;
        await using var command = Command(OfDay, venue, date);
        await using (var reader = await command.ExecuteReaderAsync())
        {
            RegisteredTrade? trade = null;
            var lines = new List<RegisteredLine>();
            while (await reader.ReadAsync())
            {
                logIndex = reader.GetInt64(0);
                if (reader.IsDBNull(1))
                {
                    break; // no trade on this day
                }

                if (trade?.Id != reader.GetGuid(1))
                {
                    findings.Take(trade);
                    trade = TradeAt(reader, lines = []);
                }

                lines.Add(LineAt(reader, serials));
            }

            findings.Take(trade);
        }

        return findings.Answer(venue, date, logIndex, await ElsewhereAsync(venue, findings.Extra(question.Limit)));
    }

    private RegisteredTrade TradeAt(NpgsqlDataReader reader, List<RegisteredLine> lines)
    {
        var status = Names.Find<TradeStatus>(reader.GetString(6))!.Value;
        if (status == TradeStatus.Registered && !reader.IsDBNull(7) && reader.InstantAt(7) <= clock.Now)
        {
            status = TradeStatus.Expired; // its end is only not recorded yet
        }

        return new RegisteredTrade(
            reader.GetGuid(1), reader.GetString(2), new AccountId(reader.GetGuid(3)), new AccountId(reader.GetGuid(4)), reader.InstantAt(5), status, lines);
    }

    private static RegisteredLine LineAt(NpgsqlDataReader reader, Dictionary<VoucherId, SerialPrefix> serials)
    {
        var voucher = new VoucherId(reader.GetGuid(8));
        return new RegisteredLine(
            voucher,
            serials.GetValueOrDefault(voucher),
            Kilograms.FromKilograms(reader.GetInt64(9)),
            PricePerTonne.Exactly(reader.GetDecimal(10))!.Value,
            Money.Exactly(reader.GetDecimal(11))!.Value);
    }

    private async Task<Dictionary<VoucherId, SerialPrefix>> SerialsAsync(OrganizationId venue, LocalDate date)
    {
        var vouchers = await Command(
            "select kind, state from ledger.states where id in (select voucher_id from ledger.venue_trades where venue_id = $1 and date = $2)", venue, date)
            .ListAsync(row => (VoucherState)StateCodec.Decode(row.GetString(0), row.GetFieldValue<byte[]>(1)));
        return vouchers.ToDictionary(v => v.Voucher, v => v.Serial);
    }

    /// <summary>Numbers that the register has on another day.</summary>
    private async Task<Dictionary<string, (LocalDate Date, Guid Trade)>> ElsewhereAsync(OrganizationId venue, IEnumerable<ListedTrade> extra)
    {
        var found = await database.Readers.CreateCommand("select trade_number, date, trade_id from ledger.venue_trades where venue_id = $1 and trade_number = any($2) and line = 1")
            .With(venue.Value).With<string[]>([.. extra.Select(t => t.Number)])
            .ListAsync(row => (Number: row.GetString(0), Date: row.DateAt(1), Trade: row.GetGuid(2)));
        return found.ToDictionary(f => f.Number, f => (f.Date, f.Trade), StringComparer.Ordinal);
    }

    private NpgsqlCommand Command(string sql, OrganizationId venue, LocalDate date)
    {
        var command = database.Readers.CreateCommand(sql).With(venue.Value).With(date.ToDateOnly());
        return command;
    }

    /// <summary>What comes out while the register's trades pass by, in the order of their numbers. It keeps what the answer shows, and counts the rest.</summary>
    private sealed class Findings(TradeList list, int limit)
    {
        private readonly HashSet<string> met = new(StringComparer.Ordinal);
        private readonly List<MissingTradeWire> missing = [];
        private readonly List<DifferentTradeWire> different = [];
        private (int Trades, long Kilograms, decimal Amount) registered, lacking;
        private int ended, matched, differing;

        public void Take(RegisteredTrade? trade)
        {
            if (trade is null)
            {
                return;
            }

            if (trade.Stands)
            {
                registered = (registered.Trades + 1, registered.Kilograms + trade.Kilograms, registered.Amount + trade.Amount);
            }
            else
            {
                ended++;
            }

            if (!list.Trades.TryGetValue(trade.Number, out var listed))
            {
                Lack(trade);
                return;
            }

            met.Add(trade.Number);
            if (!listed.IsFaulty)
            {
                Hold(trade, listed);
            }
        }

        /// <summary>Listed trades that the register did not have, in the order of the list.</summary>
        public IEnumerable<ListedTrade> Extra(int count) => list.Trades.Values.Where(t => !t.IsFaulty && !met.Contains(t.Number)).OrderBy(t => t.Row).Take(count);

        public ReconciliationWire Answer(OrganizationId venue, LocalDate date, long logIndex, Dictionary<string, (LocalDate Date, Guid Trade)> elsewhere)
        {
            var listed = list.Trades.Values.Where(t => !t.IsFaulty).ToArray();
            var extra = Extra(int.MaxValue).ToArray();
            return new ReconciliationWire
            {
                VenueId = venue,
                Date = date,
                LogIndex = logIndex,
                Agrees = lacking.Trades + extra.Length + differing + list.FaultsCount == 0,
                Compared = list.Compared,
                Listed = new ListedTotalsWire
                {
                    Rows = list.Rows,
                    Trades = listed.Length,
                    Kilograms = listed.Sum(t => t.Kilograms),
                    Amount = listed.All(t => t.Amount is not null) ? Collateral.Capped(listed.Sum(t => t.Amount!.Value)) : null,
                },
                Registered = new RegisteredTotalsWire { Trades = registered.Trades, Kilograms = registered.Kilograms, Amount = Collateral.Capped(registered.Amount) },
                Ended = ended,
                Matched = matched,
                NotCompared = list.Trades.Count - listed.Length,
                Missing = new MissingTradesWire { Count = lacking.Trades, Kilograms = lacking.Kilograms, Amount = Collateral.Capped(lacking.Amount), Items = missing },
                Extra = new ExtraTradesWire { Count = extra.Length, Kilograms = extra.Sum(t => t.Kilograms), Items = [.. extra.Take(limit).Select(t => Of(t, elsewhere))] },
                Different = new DifferentTradesWire { Count = differing, Items = different },
                Errors = new ListFaultsWire { Count = list.FaultsCount, Items = [.. list.Faults.Take(limit)] },
            };
        }

        private void Lack(RegisteredTrade trade)
        {
            if (!trade.Stands)
            {
                return;
            }

            lacking = (lacking.Trades + 1, lacking.Kilograms + trade.Kilograms, lacking.Amount + trade.Amount);
            if (missing.Count < limit)
            {
                missing.Add(new MissingTradeWire { TradeNumber = trade.Number, TradeId = trade.Id, Kilograms = trade.Kilograms, Amount = Collateral.Capped(trade.Amount), Status = Names.Of(trade.Status) });
            }
        }

        private void Hold(RegisteredTrade trade, ListedTrade listed)
        {
            if (trade.DifferencesFrom(listed) is not { Count: > 0 } differences)
            {
                matched++;
                return;
            }

            differing++;
            if (different.Count < limit)
            {
                different.Add(new DifferentTradeWire { Row = listed.Row, TradeNumber = trade.Number, TradeId = trade.Id, Differences = differences });
            }
        }

        private static ExtraTradeWire Of(ListedTrade trade, Dictionary<string, (LocalDate Date, Guid Trade)> elsewhere)
        {
            var (isElsewhere, at) = elsewhere.TryGetValue(trade.Number, out var found) ? (true, found) : (false, default);
            return new ExtraTradeWire
            {
                Row = trade.Row,
                TradeNumber = trade.Number,
                Kilograms = trade.Kilograms,
                Amount = trade.Amount is { } amount ? Collateral.Capped(amount) : null,
                RegisteredOn = isElsewhere ? at.Date : null,
                TradeId = isElsewhere ? at.Trade : null,
            };
        }
    }
}
