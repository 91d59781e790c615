namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Many small worlds, each from a seed; an auditor that shares no code with the product looks over every step.</summary>
/// <remarks>A failure names its seed and step: <see cref="Run"/> with that seed does it again.</remarks>
public sealed class SimulationSpec
{
    private const int Seeds = 1_000;
    private const int CommandsPerSeed = 200;

    /// <summary>Two at a time, so that the test stays short and leaves the machine usable.</summary>
    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 2 };

    [Fact]
    public void The_auditor_agrees_in_every_world_of_a_thousand()
    {
        var (accepted, refusals) = (0L, new System.Collections.Concurrent.ConcurrentDictionary<string, int>());
        Parallel.For(0, Seeds, Parallelism, seed => Interlocked.Add(ref accepted, Run(seed, refusals)));

        // A simulation that hardly ever succeeds, or never meets a refusal, proves nothing.
        Assert.InRange(accepted, Seeds * CommandsPerSeed / 5, Seeds * CommandsPerSeed * 4 / 5);
        string[] met =
        [
            "not-authorized", "not-the-pledgee", "account-not-found", "voucher-not-found", "pledge-not-found", "loan-not-found", "same-account",
            "duplicate-voucher-line", "organization-lacks-role", "account-closed", "account-not-empty", "serials-beyond-voucher", "units-not-held",
            "insufficient-units", "units-under-lien", "trade-number-taken", "pledge-not-in-force", "release-exceeds-pledge", "pledge-of-another-lender",
            "pledge-secures-loan", "loan-repaid", "buffer-account", "buffer-short", "cancellation-grounds", "scheme-not-found", "scheme-has-lifetime", "nothing-expires",
            "voucher-revoked", "voucher-not-revoked", "nothing-to-cancel", "date-in-future", "date-before-last-entry", "repayment-exceeds-outstanding",
        ];
        Assert.Empty(met.Except(refusals.Keys));
    }

    private static long Run(int seed, System.Collections.Concurrent.ConcurrentDictionary<string, int> refusals)
    {
        var step = 0;
        Command? command = null;
        try
        {
            var auditor = new Auditor();
            var scenario = new Scenario(seed, auditor);
            var ledger = new Ledger();
            var forecast = new Forecast(auditor, Scenario.Owners, Bank.Value, SecondBank.Value, Exchange.Value);
            ledger.Begin([.. scenario.Beginning]);
            foreach (var fact in scenario.Beginning)
            {
                auditor.Read(fact);
            }

            var accepted = 0L;
            for (; step < CommandsPerSeed; step++)
            {
                ledger.Now += Duration.FromDays(scenario.DaysToNext());
                var today = scenario.Day = RegistryCalendar.DateOf(ledger.Now);
                (command, var actor) = scenario.Next();
                var expected = forecast.Of(command, actor, today);
                var decision = ledger.Try(command, actor);
                var outcome = decision is Decision.Refused refused ? refused.Refusal.Code : "accepted";
                Auditor.Check(outcome == expected, outcome == expected ? "" : $"it expects {expected}, the decision is {Ledger.Describe(decision)}");
                if (decision is Decision.Accepted facts)
                {
                    accepted++;
                    CheckTaken(facts.Events, forecast.Serials);
                    foreach (var fact in facts.Events)
                    {
                        auditor.Read(fact);
                    }

                    foreach (var fact in facts.Events)
                    {
                        auditor.Compare(ledger.Register, fact.Stream, today);
                    }
                }
                else
                {
                    refusals.TryAdd(outcome, seed);
                }
            }

            foreach (var stream in auditor.Vouchers.Keys.Concat(auditor.Loans.Keys))
            {
                auditor.Compare(ledger.Register, stream, RegistryCalendar.DateOf(ledger.Now));
            }

            ledger.AssertStoreEqualsRegister();
            CheckReplay(ledger);
            return accepted;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}, {command}: {e.Message}", e);
        }
    }

    /// <summary>A quantity takes the lowest free kilograms, named serials are taken as named, in the order of the lines.</summary>
    private static void CheckTaken(IReadOnlyList<LedgerEvent> facts, List<long[]> expected)
    {
        var taken = facts.Select(SerialsOf).Where(s => s is not null).ToArray();
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

            var same = serials.SequenceEqual(expected[i]);
            Auditor.Check(same, same ? "" : $"it expects serials {string.Join(",", expected[i])}, taken were {taken[i]}");
        }
    }

    private static SerialRanges? SerialsOf(LedgerEvent fact) => fact switch
    {
        VoucherEvent.UnitsTransferred e => e.Serials,
        VoucherEvent.UnitsPledged e => e.Serials,
        VoucherEvent.UnitsReleased e => e.Serials,
        VoucherEvent.UnitsRetired e => e.Serials,
        VoucherEvent.UnitsCancelled e => e.Serials,
        VoucherEvent.UnitsExpired e => e.Serials,
        _ => null,
    };

    /// <summary>The log, read back from its bytes, makes the same register again.</summary>
    private static void CheckReplay(Ledger ledger)
    {
        var scratch = new System.Buffers.ArrayBufferWriter<byte>();
        var again = new Register { Complete = true };
        foreach (var recorded in ledger.Log)
        {
            again.Apply(EventCodec.Decode(EventCodec.Encode(recorded, scratch).Bytes).Fact);
        }

        foreach (var (voucher, units) in ledger.Register.LoadedUnits)
        {
            Assert.Equal(units.Pieces, again.Units(voucher)!.Pieces);
        }

        Assert.Equal(States(ledger.Register), States(again));
        Assert.Equal(ledger.Register.NewUniqueNames.ToHashSet(), again.NewUniqueNames.ToHashSet());
    }

    private static IEnumerable<string> States(Register register) => register.ChangedStates.Select(s => s.Id + StateCodec.Encode(s)).Order(StringComparer.Ordinal);
}
