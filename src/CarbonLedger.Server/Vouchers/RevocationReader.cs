using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Cancellations;
using CarbonLedger.Server.Claims;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Vouchers;

/// <summary>Reads whether a voucher is revoked, and what its revocation means for whom.</summary>
public sealed class RevocationReader(
    LedgerDatabase database, ProjectionSet projections, ThingReader things, HoldingsReader holdings, ClaimReader claims)
{
    /// <summary>Entries of each list of consequences; the sums speak of all.</summary>
    private const int ListedMax = 1_000;

    /// <summary>The voucher's revocation at the position asked for; null when it was not revoked then.</summary>
    public async Task<RevocationWire?> FindAsync(VoucherId voucher, ReadQuestion question)
    {
        if (await things.CurrentAsync(voucher.Value) is not VoucherState { Revoked: not null })
        {
            return null;
        }

        // From the end: little follows a revocation, but much may stand before it.
        await using var command = database.Readers.CreateCommand(
            "select l.bytes from mt_events e join ledger.leaves l using (seq_id) where e.stream_id = $1 and e.type = 'voucher_revoked' and e.seq_id <= $2 order by e.version desc limit 1")
            .With(voucher.Value).With(question.UpTo ?? long.MaxValue);
        if (await command.ExecuteScalarAsync() is not byte[] bytes)
        {
            return null;
        }

        var recorded = EventCodec.Decode(bytes);
        var e = (VoucherEvent.VoucherRevoked)recorded.Fact;
        return new RevocationWire { Reason = e.Reason, Document = DocumentWire.Of(e.Document)!, RevokedAt = recorded.At, LogIndex = recorded.LogIndex };
    }

    public async Task<ConsequencesWire> ConsequencesAsync(VoucherId id, ReadQuestion question)
    {
        question.RequirePresent();
        var position = await projections.Balances.PositionAsync(question);
        var head = await VoucherEndpoints.HeadAsync(id, question);
        var pieces = await holdings.CurrentAsync(head);
        var holders = new List<HolderConsequenceWire>();
        foreach (var held in pieces.Where(p => p.Status == UnitStatus.Live).GroupBy(p => p.Account))
        {
            var freezes = (await things.CurrentAsync(held.Key.Value) as AccountState)?.Freezes ?? [];
            holders.Add(new HolderConsequenceWire
            {
                AccountId = held.Key,
                Kilograms = held.Sum(p => p.Range.Count),
                Free = freezes.Count > 0 ? 0 : held.Where(p => p.IsFree).Sum(p => p.Range.Count),
                Pieces = freezes.Count > 0 ? 0 : held.Count(p => p.IsFree),
                AccountFreezeIds = freezes.Count > 0 ? [.. freezes.Select(f => f.Value)] : null,
            });
        }

        var built = (await claims.BackedByAsync(id.Value, 0, ListedMax)).ConvertAll(c => c.Entry);
        var unflagged = await UnflaggedAsync(id);
        var (live, free) = (holders.Sum(h => h.Kilograms), holders.Sum(h => h.Free));
        return new ConsequencesWire
        {
            VoucherId = id,
            LogIndex = position,
            Revoked = await FindAsync(id, question),
            Live = live,
            Free = free,
            Locked = live - free,
            Retired = pieces.Where(p => p.Status == UnitStatus.Retired).Sum(p => p.Range.Count),
            Steps = (int)Math.Max(StepsOf(holders.Sum(h => h.Pieces), Sweep.PiecesMax), StepsOf(unflagged, FlagClaim.ClaimsPerCommandMax)),
            Holders = [.. holders.OrderByDescending(h => h.Kilograms).Take(ListedMax)],
            Locks = await LocksAsync(pieces),
            Retirements = await RetirementsAsync(id, built),
            ClaimsToFlag = unflagged,
            Claims = [.. built.Select(c => Of(c, id))],
        };
    }

    private static long StepsOf(long count, int most) => (count + most - 1) / most;

    /// <summary>How a claim would stand without the voucher; how it stands, where it is flagged already.</summary>
    private static ClaimConsequenceWire Of(ClaimState claim, VoucherId voucher)
    {
        var flagged = !FlagClaim.IsBacked(claim, voucher);
        var after = flagged ? claim : claim with { Flags = [.. claim.Flags, new ClaimFlag(voucher, "")] };
        return new ClaimConsequenceWire
        {
            ClaimId = claim.Claim,
            Status = claim.Status,
            StatusAfter = claim.Status == ClaimStatus.Published && !after.IsCovered ? ClaimStatus.UnderCovered : claim.Status,
            Kilograms = claim.Parts.SelectMany(p => p.Units).Where(u => u.Voucher == voucher).Sum(u => u.Kilograms.Value),
            Emissions = claim.Emissions.Value,
            CoveringAfter = after.Covering.Value,
            Flagged = flagged,
        };
    }

    private Task<long> UnflaggedAsync(VoucherId voucher) =>
        database.Readers.CreateCommand("select count(*) from ledger.claim_vouchers where voucher_id = $1 and not flagged").With(voucher.Value)
            .FindAsync(row => row.GetInt64(0));

    private async Task<IReadOnlyList<LockConsequenceWire>> LocksAsync(IReadOnlyList<Piece> pieces)
    {
        var locks = new List<LockConsequenceWire>();
        foreach (var item in pieces.SelectMany(p => p.Locks.Items, (p, l) => (Lock: l, p.Account, p.Range.Count)).GroupBy(l => (l.Lock.Id, l.Lock.Kind, l.Account)).Take(ListedMax))
        {
            var pledge = item.First().Lock.IsPledge;
            locks.Add(new LockConsequenceWire
            {
                Kind = LockWire.KindOf(item.Key.Kind),
                Id = item.Key.Id,
                AccountId = item.Key.Account,
                Kilograms = item.Sum(l => l.Count),
                LoanId = pledge && await things.CurrentAsync(item.Key.Id) is PledgeState { Loan: { } loan } ? loan : null,
            });
        }

        return locks;
    }

    private async Task<IReadOnlyList<RetirementConsequenceWire>> RetirementsAsync(VoucherId id, IReadOnlyList<ClaimState> built)
    {
        var retired = await database.Readers.CreateCommand(
            "select retirement_id, kilograms from ledger.voucher_retirements where voucher_id = $1 order by log_index limit $2")
            .With(id.Value).With(ListedMax)
            .ListAsync(row => (Id: row.GetGuid(0), Kilograms: row.GetInt64(1)));
        var claimed = built
            .SelectMany(c => c.Parts.Where(p => p.Units.Any(u => u.Voucher == id)).Select(p => (Retirement: p.Retirement.Value, c.Claim)).Distinct())
            .ToLookup(c => c.Retirement, c => c.Claim.Value);
        return [.. retired.Select(r => new RetirementConsequenceWire { RetirementId = r.Id, Kilograms = r.Kilograms, ClaimIds = [.. claimed[r.Id]] })];
    }
}
