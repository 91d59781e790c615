using System.Buffers;
using System.Text;

namespace CarbonLedger.Core.Tests;

/// <summary>Something that happened before the act under test.</summary>
internal delegate void Step(Ledger ledger);

/// <summary>A whole register in memory, spoken to as Given, When, Then.</summary>
/// <remarks>
/// Every decision is made three times and must be the same: on the complete register, on one that was loaded with what the command names, and on one that
/// knows besides what earlier commands had loaded and changed.
/// </remarks>
internal sealed class Ledger
{
    private readonly PartialStore[] stores = [new(), new(remembers: true)];
    private readonly Dictionary<Guid, long> versions = [];
    private Decision? decision;
    private int numbers;

    public Register Register { get; } = new() { Complete = true };

    public List<RecordedEvent> Log { get; } = [];

    /// <summary>Noon of 15 September 2021 in Lanzhou, unless a step moves it.</summary>
    public Instant Now { get; set; } = Noon(new LocalDate(2021, 9, 15));

    /// <summary>A register in which the parties of <see cref="World"/> and one project are entered, and then the steps happen.</summary>
    public static Ledger Given(params Step[] steps)
    {
        var ledger = new Ledger();
        Enter(ledger);
        foreach (var step in steps)
        {
            step(ledger);
        }

        return ledger;
    }

    public int NextNumber() => ++numbers;

    /// <summary>Makes the decision under test; an accepted one takes effect.</summary>
    public Ledger When(Command command, Actor? by = null)
    {
        var before = Picture();
        (decision, var loaded) = Decide(command, by ?? Actor.Registrar);
        Assert.Equal(before, Picture());
        Record(loaded, by ?? Actor.Registrar, decision);
        return this;
    }

    /// <summary>Does what must be accepted on the way to the act under test.</summary>
    public void Do(Command command, Actor by)
    {
        var (made, loaded) = Decide(command, by);
        Assert.True(made is Decision.Accepted, $"A given step was not accepted: {Describe(made)}");
        Record(loaded, by, made);
    }

    /// <summary>Decides and records; the simulation's way in.</summary>
    public Decision Try(Command command, Actor by)
    {
        var (made, loaded) = Decide(command, by);
        Record(loaded, by, made);
        return made;
    }

    /// <summary>Facts that a command made before today's rules; it would be refused now.</summary>
    public void Did(Command command, params LedgerEvent[] facts) =>
        Record(Array.ConvertAll(stores, store => store.LoadFor(command)), Actor.Registrar, Decision.Accept(facts[0].Stream, facts));

    /// <summary>Begins the log with facts that no decision made. They must stand on their own: nothing before them is known.</summary>
    public void Begin(params LedgerEvent[] facts)
    {
        var fresh = new Register { Complete = true };
        foreach (var fact in facts)
        {
            fresh.Apply(fact);
        }

        foreach (var store in stores)
        {
            store.Write(fresh);
        }

        Append(Actor.Registrar, facts);
    }

    public Ledger ThenRefused(Refusal expected)
    {
        var refused = Assert.IsType<Decision.Refused>(decision);
        Assert.Equal(expected, refused.Refusal);
        Assert.Equal(expected.Detail, refused.Refusal.Detail);
        return this;
    }

    /// <summary>Accepted, with exactly these facts in this order; or with any, when none is named.</summary>
    public Ledger ThenAccepted(params LedgerEvent[] facts)
    {
        Assert.True(decision is Decision.Accepted, Describe(decision!));
        if (facts.Length > 0)
        {
            Assert.Equal(facts.Select(Text), ((Decision.Accepted)decision!).Events.Select(Text));
        }

        return this;
    }

    /// <summary>As above, for facts that name their own place in the log.</summary>
    public Ledger ThenAccepted(Func<long, LedgerEvent[]> factsAt) =>
        ThenAccepted(factsAt(Log.Count + 1 - (decision as Decision.Accepted)?.Events.Count ?? 0));

    public Ledger ThenHolds(AccountId account, long owned, long free, VoucherId? voucher = null)
    {
        var holding = Register.Units(voucher ?? FirstVoucher)!.Holding(account);
        Assert.Equal((Kg(owned), Kg(free)), (holding.Owned, holding.Free));
        return this;
    }

    public Ledger ThenStands<T>(Guid id, Action<T> check) where T : State
    {
        check(Register.Find<T>(id)!);
        return this;
    }

    public T State<T>(Guid id) where T : State => Register.Find<T>(id)!;

    public void AssertStoreEqualsRegister()
    {
        foreach (var (voucher, units) in Register.LoadedUnits)
        {
            Assert.All(stores, store => Assert.Equal(units.Pieces, store.Pieces(voucher)));
        }
    }

    public static string Describe(Decision decision) => decision switch
    {
        Decision.Refused refused => refused.Refusal.ToString(),
        Decision.Accepted accepted => $"{accepted.Id}: {string.Join("; ", accepted.Events.Select(Text))}",
        _ => throw new InvalidOperationException(),
    };

    /// <summary>A fact as its canonical bytes: equal for lists by content, which record equality is not.</summary>
    public static string Text(LedgerEvent fact) =>
        Encoding.UTF8.GetString(EventCodec.Encode(new RecordedEvent(1, 1, Instant.FromUnixTimeTicks(0), Actor.Registrar, fact), new ArrayBufferWriter<byte>()).Bytes);

    private (Decision Made, Register[] Loaded) Decide(Command command, Actor by)
    {
        var context = new Context(by, Now, Log.Count + 1);
        var made = command.Decide(Register, context);
        var loaded = Array.ConvertAll(stores, store => store.LoadFor(command));
        for (var i = 0; i < loaded.Length; i++)
        {
            var partial = command.Decide(loaded[i], context);
            if (made is not Decision.Refused || !made.Equals(partial))
            {
                var (complete, known) = (Describe(made), Describe(partial));
                Assert.True(complete == known, $"Complete knowledge says {complete}\n{(i == 0 ? "Partial" : "Remembered")} knowledge says {known}");
            }
        }

        return (made, loaded);
    }

    private void Record(Register[] loaded, Actor by, Decision made)
    {
        IReadOnlyList<LedgerEvent> facts = made is Decision.Accepted accepted ? accepted.Events : [];
        foreach (var (store, register) in stores.Zip(loaded))
        {
            foreach (var fact in facts)
            {
                register.Apply(fact);
            }

            store.Write(register);
        }

        Append(by, facts);
    }

    private void Append(Actor by, IReadOnlyList<LedgerEvent> facts)
    {
        foreach (var fact in facts)
        {
            Register.Apply(fact);
            var version = versions[fact.Stream] = versions.GetValueOrDefault(fact.Stream) + 1;
            Log.Add(new RecordedEvent(Log.Count + 1, version, Now, by, fact));
        }
    }

    private string Picture() => string.Join("; ", Register.LoadedUnits.Select(u => $"{u.Key}: {string.Join(", ", u.Value.Pieces)}"));
}
