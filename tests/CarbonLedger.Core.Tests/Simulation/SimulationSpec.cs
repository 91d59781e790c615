using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Many small worlds, each from a seed; an auditor that shares no code with the product looks over every step.</summary>
/// <remarks>A failure names its seed and step: <see cref="Run"/> with that seed does it again.</remarks>
public sealed class SimulationSpec(ITestOutputHelper output)
{
    private const int Seeds = 1_000;
    private const int CommandsPerSeed = 100;
    private const string Accepted = "accepted";

    /// <summary>Two at a time, so that the test stays short and leaves the machine usable.</summary>
    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>Every kind of command that is drawn. Each must have been accepted and refused, or its arm proves nothing.</summary>
    private static readonly string[] Kinds =
    [
        "CancelRevokedUnits", "CancelUnits", "CloseAccount", "CompensateReversal", "EnforcePledge a part", "EnforcePledge a part to the lender", "EnforcePledge all",
        "EnforcePledge all to the lender", "ExpireReservation", "ExpireTrade", "ExpireUnits", "LiftFreeze", "NotifyDefault", "OpenLoan", "OrderFreeze", "RegisterPledge exclusive",
        "RegisterPledge exclusive reserved", "RegisterPledge ranked", "RegisterPledge ranked of several", "RegisterPledge ranked of several reserved", "RegisterPledge ranked reserved",
        "RegisterReservation", "RegisterTrade at once", "RegisterTrade held", "ReleasePledge a part", "ReleasePledge all", "RepayLoan", "RetireUnits", "RevokeVoucher",
        "SettleTrade", "SubstituteUnits", "TransferUnits", "VoidPledge", "VoidTrade",
    ];

    /// <summary>Refusals that must have been met.</summary>
    private static readonly string[] Met =
    [
        "not-authorized", "not-the-pledgee", "account-not-found", "voucher-not-found", "pledge-not-found", "loan-not-found", "same-account",
        "duplicate-voucher-line", "organization-lacks-role", "account-closed", "account-not-empty", "account-awaits-delivery", "serials-beyond-voucher", "units-not-held",
        "insufficient-units", "units-under-lien", "trade-number-taken", "pledge-not-in-force", "release-exceeds-pledge", "pledge-of-another-lender",
        "pledge-secures-loan", "loan-repaid", "buffer-account", "buffer-short", "cancellation-grounds", "scheme-not-found", "scheme-has-lifetime", "nothing-expires",
        "voucher-revoked", "voucher-not-revoked", "nothing-to-cancel", "date-in-future", "date-before-last-entry", "repayment-exceeds-outstanding",
        "units-locked", "too-many-locks", "reservation-time-out-of-range", "reservation-expired", "pledge-not-in-state", "nothing-secured", "default-not-notified", "enforcement-incomplete",
        "buyer-is-the-pledgor", "no-forfeiture", "buyer-not-the-lender", "no-market-price", "price-below-market", "hold-time-out-of-range", "hold-expired", "trade-not-found", "trade-not-open", "not-the-venue",
        "units-frozen", "units-not-live", "insufficient-live-units", "freeze-not-found", "freeze-lifted", "authority-differs",
    ];

    /// <summary>What must have come about in some world.</summary>
    private static readonly string[] Outcomes =
    [
        "the first rank paid", "a later rank paid", "equal ranks paid", "a shortfall", "a pledge paid in full", "a surplus", "no surplus", "units of different ranks sold",
        "a loan repaid by enforcement", "SettleTrade voucher-revoked", "SettleTrade hold-expired", "EnforcePledge all voucher-revoked",
        "EnforcePledge a part release-exceeds-pledge", "SubstituteUnits units-under-lien", "RegisterPledge ranked units-under-lien", "RegisterPledge ranked units-locked",
        "RegisterReservation reservation-expired", "ExpireReservation pledge-not-in-state", "ExpireTrade trade-not-open",
        "NotifyDefault nothing-secured", "EnforcePledge nothing-secured", "SettleTrade units-frozen", "EnforcePledge units-frozen", "RegisterPledge units-frozen", "RetireUnits units-frozen", "TransferUnits units-frozen",
    ];

    [Fact]
    public void The_auditor_agrees_in_every_world_of_a_thousand()
    {
        var met = new ConcurrentDictionary<string, int>();
        Parallel.For(0, Seeds, Parallelism, seed => Run(seed, met));

        // A simulation that hardly ever succeeds, or never meets a refusal, proves nothing.
        output.WriteLine(string.Join('\n', met.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}: {m.Value}")));
        Assert.InRange(met[Accepted], Seeds * CommandsPerSeed / 5, Seeds * CommandsPerSeed * 4 / 5);
        Assert.Empty(Kinds.SelectMany(k => new[] { $"{k} {Accepted}", $"{k} refused" }).Concat(Met).Concat(Outcomes).Except(met.Keys));
        Assert.Empty(met.Keys.Where(k => k.EndsWith(" refused", StringComparison.Ordinal)).Except(Kinds.Select(k => $"{k} refused")));
    }

    private static void Run(int seed, ConcurrentDictionary<string, int> met)
    {
        var step = 0;
        Command? command = null;
        try
        {
            var auditor = new Auditor();
            var scenario = new Scenario(seed, auditor);
            var ledger = new Ledger();
            var log = new LogReader(ledger, auditor);
            var forecast = new Forecast(auditor, Bank.Value, SecondBank.Value, Exchange.Value);
            ledger.Begin([.. scenario.Beginning]);
            log.ReadOn();
            var remembered = new Random(~seed).Next(CommandsPerSeed);
            for (; step < CommandsPerSeed; step++)
            {
                ledger.Now = scenario.Now += Duration.FromDays(scenario.DaysToNext());
                var today = scenario.Day = RegistryCalendar.DateOf(ledger.Now);
                (command, var actor) = scenario.Next();
                var expected = forecast.Of(command, actor, ledger.Now, today);
                var decision = ledger.Try(command, actor);
                var outcome = decision is Decision.Refused refused ? refused.Refusal.Code : Accepted;
                Auditor.Check(outcome == expected, $"it expects {expected}, the decision is {Ledger.Describe(decision)}");
                Count(met, command, outcome);
                if (decision is Decision.Accepted facts)
                {
                    CheckTaken(command, facts.Events, forecast.Serials);
                    log.ReadOn();
                    auditor.CheckMeant(command);
                    foreach (var stream in facts.Events.Select(f => f.Stream).Distinct())
                    {
                        auditor.Compare(ledger.Register, stream, today);
                    }
                }

                if (step == remembered)
                {
                    log.Remember();
                    auditor.CheckRules(ledger.Register);
                }
            }

            command = null;
            foreach (var stream in auditor.Vouchers.Keys.Concat(auditor.Loans.Keys).Concat(auditor.Liens.Keys).Concat(auditor.Deals.Keys))
            {
                auditor.Compare(ledger.Register, stream, RegistryCalendar.DateOf(ledger.Now));
            }

            auditor.CheckRules(ledger.Register);
            ledger.AssertStoreEqualsRegister();
            log.CheckReplay();
            foreach (var happened in auditor.Happened)
            {
                met.AddOrUpdate(happened, 1, (_, n) => n + 1);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}, {command}: {e.Message}", e);
        }
    }

    private static void Count(ConcurrentDictionary<string, int> met, Command command, string outcome)
    {
        var kind = KindOf(command);
        string[] all = outcome == Accepted ? [Accepted, $"{kind} {Accepted}"] : [outcome, $"{kind} {outcome}", $"{kind} refused", $"{command.GetType().Name} {outcome}"];
        foreach (var one in all.Distinct())
        {
            met.AddOrUpdate(one, 1, (_, n) => n + 1);
        }
    }

    private static string KindOf(Command command) => command.GetType().Name + command switch
    {
        RegisterPledge c => (c.Mode == PledgeMode.Ranked ? " ranked" : " exclusive") + (c.Others is null ? "" : " of several") + (c.ReserveUntil is null ? "" : " reserved"),
        RegisterTrade c => c.HoldUntil is null ? " at once" : " held",
        ReleasePledge c => c.Lines is null ? " all" : " a part",
        EnforcePledge c => (c.Lines is null ? " all" : " a part") + (c.Method == EnforcementMethod.ToLender ? " to the lender" : ""),
        _ => "",
    };

    /// <summary>A quantity takes the lowest free kilograms, named serials are taken as named, in the order of the lines.</summary>
    private static void CheckTaken(Command command, IReadOnlyList<LedgerEvent> facts, List<long[]> expected)
    {
        // Where locks end on the way to another holder, the units are foretold once, as they move; the auditor sees to it that all locks on them ended.
        var moves = command is SettleTrade or EnforcePledge;
        var taken = facts.Where(f => !moves || f is VoucherEvent.UnitsTransferred or VoucherEvent.UnitsDelivered).Select(SerialsOf).Where(s => s is not null).ToArray();
        for (var i = 0; i < expected.Count; i++)
        {
            var serials = new List<long>();
            foreach (var range in taken[i]!)
            {
                for (var serial = range.First; serial <= range.Last; serial++)
                {
                    serials.Add(serial);
                }
            }

            Auditor.Check(serials.SequenceEqual(expected[i]), $"it expects serials {string.Join(",", expected[i])}, taken were {taken[i]}");
        }
    }

    private static SerialRanges? SerialsOf(LedgerEvent fact) => fact switch
    {
        VoucherEvent.UnitsTransferred e => e.Serials,
        VoucherEvent.UnitsPledged e => e.Serials,
        VoucherEvent.UnitsReleased e => e.Serials,
        VoucherEvent.UnitsHeld e => e.Serials,
        VoucherEvent.HoldEnded e => e.Serials,
        VoucherEvent.UnitsDelivered e => e.Serials,
        VoucherEvent.UnitsFrozen e => e.Serials,
        VoucherEvent.UnitsUnfrozen e => e.Serials,
        VoucherEvent.UnitsRetired e => e.Serials,
        VoucherEvent.UnitsCancelled e => e.Serials,
        VoucherEvent.UnitsExpired e => e.Serials,
        _ => null,
    };
}
