using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Electricity;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Decisions;

/// <summary>The part of the register that a batch of commands works on: loaded, decided on, evolved, then written back.</summary>
/// <remarks>
/// Check and use happen on the same state in the same turn: a later command of the batch sees what an earlier one did.
/// A register that is <see cref="Complete"/> holds everything there is (tests, replay); then what is not loaded does not exist.
/// </remarks>
public sealed class Register
{
    private readonly Dictionary<Guid, State?> states = [];
    private readonly HashSet<Guid> changedStates = [];
    private readonly Dictionary<VoucherId, Units> units = [];
    private readonly HashSet<(VoucherId Voucher, SerialRange Range, int PiecesMax)> knownSerials = [];
    private readonly Dictionary<UniqueName, bool> uniqueNames = [];
    private readonly HashSet<UniqueName> newUniqueNames = [];
    private readonly HashSet<(string Parcel, DatePeriod Period)> knownCoverage = [];
    private readonly List<Coverage> coverage = [];
    private readonly List<Coverage> newCoverage = [];
    private readonly Dictionary<AccountId, (bool Holds, bool Awaits)> emptiness = [];
    private readonly Dictionary<Sweep, IReadOnlyList<(VoucherId Voucher, Piece Piece)>> sweeps = [];
    private readonly Dictionary<VoucherId, IReadOnlyList<ClaimId>> claimsOn = [];
    private readonly List<(ClaimId Claim, ClaimPart Part)> occupied = [];
    private readonly HashSet<ClaimId> vacated = [];

    public bool Complete { get; init; }

    public IEnumerable<State> ChangedStates => changedStates.Select(id => states[id]!);

    /// <summary>Every state that is loaded and exists, as it is now.</summary>
    public IEnumerable<State> KnownStates => states.Values.OfType<State>();

    public IReadOnlyDictionary<VoucherId, Units> LoadedUnits => units;

    public IReadOnlyCollection<UniqueName> NewUniqueNames => newUniqueNames;

    public IReadOnlyList<Coverage> NewCoverage => newCoverage;

    /// <summary>Retired kilograms that came to back a claim (C3).</summary>
    public IReadOnlyList<(ClaimId Claim, ClaimPart Part)> NewlyClaimed => occupied;

    /// <summary>Claims that were withdrawn, whose kilograms back nothing any more.</summary>
    public IReadOnlyCollection<ClaimId> VacatedClaims => vacated;

    public bool Knows(Guid id) => Complete || states.ContainsKey(id);

    public bool KnowsUnique(UniqueName name) => Complete || uniqueNames.ContainsKey(name);

    /// <summary>True when enough of a holding is known for so many kilograms, or as much as this batch will look at.</summary>
    public bool KnowsHolding(AccountId account, VoucherId voucher, Kilograms kilograms) =>
        Complete || (units.TryGetValue(voucher, out var u) && u.KnowsHolding(account, kilograms));

    /// <summary>True when so many pieces on these serials are loaded, or all there are.</summary>
    public bool KnowsSerials(VoucherId voucher, SerialRange range, int piecesMax) =>
        Complete || knownSerials.Contains((voucher, range, piecesMax)) || (units.TryGetValue(voucher, out var u) && u.Covers(range));

    public bool KnowsCoverage(string parcel, DatePeriod period) => Complete || knownCoverage.Contains((parcel, period));

    /// <summary>True when the lowest live units of the voucher are loaded.</summary>
    public bool KnowsLive(VoucherId voucher) => Complete || (units.TryGetValue(voucher, out var u) && u.KnowsLive);

    public bool KnowsEmptiness(AccountId account) => Complete || emptiness.ContainsKey(account);

    public bool KnowsSweep(Sweep sweep) => Complete || sweeps.ContainsKey(sweep);

    public bool KnowsClaimsOn(VoucherId voucher) => Complete || claimsOn.ContainsKey(voucher);

    /// <summary>The state with this id when it exists and is of this kind; null otherwise.</summary>
    /// <exception cref="InvalidOperationException">The command did not name it.</exception>
    public T? Find<T>(Guid id) where T : State
    {
        if (states.TryGetValue(id, out var state))
        {
            return state as T;
        }

        return Complete ? null : throw new InvalidOperationException($"A decision looks at {typeof(T).Name} {id}, which its command did not name.");
    }

    /// <summary>As <see cref="Find{T}"/> for evolving: a thing that an event begins is not there yet.</summary>
    internal T? FindOrNull<T>(Guid id) where T : State => states.GetValueOrDefault(id) as T;

    /// <summary>The loaded units of a voucher; null when none is loaded.</summary>
    public Units? Units(VoucherId voucher) => units.GetValueOrDefault(voucher);

    public bool IsTaken(UniqueName name) => uniqueNames.GetValueOrDefault(name);

    /// <summary>The coverage of the first of the parcels that a voucher covers on one of the days, the earliest one (D1).</summary>
    /// <remarks>In the order of the parcels, not in that of the loading: the refusal must not depend on how the register came to know.</remarks>
    public Coverage? FindCoverage(IEnumerable<string> parcels, DatePeriod period)
    {
        var overlapping = coverage.Where(c => c.Period.Overlaps(period)).ToLookup(c => c.Parcel, StringComparer.Ordinal);
        return parcels.Select(parcel => overlapping[parcel].MinBy(c => c.Period.First)).FirstOrDefault(c => c is not null);
    }

    /// <summary>True when the account holds a live unit of any voucher.</summary>
    public bool HoldsAny(AccountId account) => Complete
        ? units.Values.Any(u => u.Pieces.Any(p => p.Account == account && p.Status == UnitStatus.Live))
        : emptiness[account].Holds;

    /// <summary>True when a deferred trade that is not settled yet will deliver into the account.</summary>
    public bool AwaitsDelivery(AccountId account) => Complete
        ? states.Values.OfType<TradeState>().Any(t => t.Buyer == account && t.Status == TradeStatus.Registered)
        : emptiness[account].Awaits;

    /// <summary>What a sweep found: its limit and one more, or all there is.</summary>
    public IReadOnlyList<(VoucherId Voucher, Piece Piece)> Swept(Sweep sweep) => Complete
        ? sweep.In(
            units.Select(u => (Find<VoucherState>(u.Key.Value)!, (IEnumerable<Piece>)u.Value.Pieces)),
            account => Find<AccountState>(account.Value) is { IsFrozen: true })
        : sweeps[sweep];

    public void LoadSweep(Sweep sweep, IReadOnlyList<(VoucherId Voucher, Piece Piece)> found)
    {
        foreach (var (voucher, piece) in found)
        {
            LoadUnits(voucher).Load(piece);
        }

        sweeps[sweep] = found;
    }

    /// <summary>The first claims that units of a voucher back unflagged, by id: as many as one command flags and one more, or all there are.</summary>
    public IReadOnlyList<ClaimId> ClaimsOn(VoucherId voucher) => Complete ? FlagClaim.OwedIn(states.Values.OfType<ClaimState>(), voucher) : claimsOn[voucher];

    public void LoadClaimsOn(VoucherId voucher, IReadOnlyList<ClaimId> found) => claimsOn[voucher] = found;

    public void Load(Guid id, State? state) => states.TryAdd(id, state);

    public void Load(UniqueName name, bool taken) => uniqueNames.TryAdd(name, taken);

    /// <summary>Says that so many pieces on these serials are loaded, or all there are.</summary>
    public void LoadSerials(VoucherId voucher, SerialRange range, int piecesMax) => knownSerials.Add((voucher, range, piecesMax));

    public void LoadEmptiness(AccountId account, bool holds, bool awaits) => emptiness[account] = (holds, awaits);

    public void LoadCoverage(string parcel, DatePeriod period, IEnumerable<Coverage> found)
    {
        if (knownCoverage.Add((parcel, period)))
        {
            coverage.AddRange(found.Where(c => !coverage.Contains(c)));
        }
    }

    public Units LoadUnits(VoucherId voucher)
    {
        if (!units.TryGetValue(voucher, out var loaded))
        {
            units.Add(voucher, loaded = new Units(Complete));
        }

        return loaded;
    }

    /// <summary>Takes units that an earlier batch has settled, of a voucher of which none is loaded.</summary>
    public void Remember(VoucherId voucher, Units settled) => units.Add(voucher, settled);

    /// <summary>The same register to try something on; what is tried there changes nothing here.</summary>
    public Register Copy()
    {
        var copy = new Register { Complete = Complete };
        foreach (var (id, state) in states)
        {
            copy.states.Add(id, state);
        }

        foreach (var (voucher, loaded) in units)
        {
            copy.units.Add(voucher, loaded.Copy());
        }

        foreach (var (name, taken) in uniqueNames)
        {
            copy.uniqueNames.Add(name, taken);
        }

        foreach (var (account, known) in emptiness)
        {
            copy.emptiness.Add(account, known);
        }

        copy.changedStates.UnionWith(changedStates);
        copy.newUniqueNames.UnionWith(newUniqueNames);
        copy.knownCoverage.UnionWith(knownCoverage);
        copy.coverage.AddRange(coverage);
        copy.newCoverage.AddRange(newCoverage);
        return copy;
    }

    /// <summary>Evolves the register by one fact. An event that no noun knows stops the program.</summary>
    public void Apply(LedgerEvent fact)
    {
        switch (fact)
        {
            case VoucherEvent e: Voucher.Evolve(this, e); break;
            case AccountEvent e: Set(Account.Evolve(FindOrNull<AccountState>(e.Stream), e)); break;
            case OrganizationEvent e: Organization.Evolve(this, e); break;
            case ProjectEvent e: Project.Evolve(this, e); break;
            case ApplicationEvent e: Set(Application.Evolve(FindOrNull<ApplicationState>(e.Stream), e)); break;
            case TradeEvent e: Trade.Evolve(this, FindOrNull<TradeState>(e.Stream), e); break;
            case PledgeEvent e: Set(Pledge.Evolve(FindOrNull<PledgeState>(e.Stream), e)); break;
            case FreezeEvent e: Set(Freeze.Evolve(FindOrNull<FreezeState>(e.Stream), e)); break;
            case SchemeEvent e: Set(Scheme.Evolve(e)); break;
            case CancellationEvent e: Set(Cancellation.Evolve(e)); break;
            case LoanEvent e: Set(Loan.Evolve(FindOrNull<LoanState>(e.Stream), e)); break;
            case RetirementEvent e: Set(RetirementState.Evolve(FindOrNull<RetirementState>(e.Stream), e)); break;
            case CollateralPolicyEvent e: Set(CollateralPolicy.Evolve(e)); break;
            case MarginRunEvent: break; // A run is a record of what was looked at; what it found stands in the loans.
            case ReferencePriceEvent: break; // Prices serve valuation at reading time; no decision depends on them.
            case EmissionFactorEvent e: Set(FactorSeries.Evolve(FindOrNull<FactorSeriesState>(e.Stream), e)); break;
            case InventoryEvent e: Inventory.Evolve(this, e); break;
            case ElectricityEvent e: Set(ElectricityCalibration.Evolve(FindOrNull<CalibrationState>(e.Stream), e)); break;
            case ClaimEvent e: Claim.Evolve(this, e); break;
            default: throw new InvalidOperationException($"No noun knows the event {fact.GetType().Name}.");
        }
    }

    public void Set(State state)
    {
        states[state.Id] = state;
        changedStates.Add(state.Id);
    }

    public void Take(UniqueName name)
    {
        uniqueNames[name] = true;
        newUniqueNames.Add(name);
    }

    public void Cover(Coverage covered)
    {
        coverage.Add(covered);
        newCoverage.Add(covered);
    }

    public void Occupy(ClaimId claim, IEnumerable<ClaimPart> parts) => occupied.AddRange(parts.Select(p => (claim, p)));

    public void Vacate(ClaimId claim)
    {
        occupied.RemoveAll(o => o.Claim == claim);
        vacated.Add(claim);
    }
}

/// <summary>One parcel in one monitoring period, covered by one voucher.</summary>
public sealed record Coverage(string Parcel, DatePeriod Period, VoucherId Voucher);
