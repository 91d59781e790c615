using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Decisions;

/// <summary>Collects what the commands of a batch need to see, so that one round trip can bring it.</summary>
/// <param name="register">What is loaded already.</param>
/// <param name="remembered">What need not be asked for because it is known from before; null when nothing is.</param>
public sealed class Needs(Register register, IRemembered? remembered = null)
{
    private readonly Dictionary<(AccountId Account, VoucherId Voucher), Kilograms> asked = [];
    private readonly Dictionary<(AccountId Account, VoucherId Voucher), Kilograms> holdings = [];
    private readonly HashSet<Guid> states = [];
    private readonly HashSet<UniqueName> uniqueNames = [];
    private readonly HashSet<(VoucherId Voucher, SerialRange Range, int PiecesMax)> serials = [];
    private readonly List<(string Parcel, DatePeriod Period)> parcels = [];
    private readonly HashSet<AccountId> emptiness = [];
    private readonly HashSet<VoucherId> live = [];
    private readonly HashSet<Sweep> sweeps = [];
    private readonly HashSet<VoucherId> claimsOn = [];

    /// <summary>What has been loaded already; a name may depend on it.</summary>
    public Register Register { get; } = register;

    /// <summary>State rows by id that are not loaded yet.</summary>
    public IReadOnlyCollection<Guid> States => states;

    /// <summary>Holdings of which not enough is known, and how many kilograms the whole batch asks of each.</summary>
    public IReadOnlyDictionary<(AccountId Account, VoucherId Voucher), Kilograms> Holdings => holdings;

    public IReadOnlyCollection<UniqueName> UniqueNames => uniqueNames;

    /// <summary>Ranges of serials, and the most pieces that are wanted of each.</summary>
    public IReadOnlyCollection<(VoucherId Voucher, SerialRange Range, int PiecesMax)> Serials => serials;

    public IReadOnlyList<(string Parcel, DatePeriod Period)> Parcels => parcels;

    public IReadOnlyCollection<AccountId> Emptiness => emptiness;

    public IReadOnlyCollection<VoucherId> LiveUnits => live;

    public IReadOnlyCollection<Sweep> Sweeps => sweeps;

    /// <summary>Vouchers whose claims are asked for.</summary>
    public IReadOnlyCollection<VoucherId> ClaimedVouchers => claimsOn;

    public bool Any => AnyRows || uniqueNames.Count > 0;

    /// <summary>True when more is asked than whether names are taken. That alone need not be asked: a name that is given twice is refused where it is written.</summary>
    public bool AnyRows => states.Count + holdings.Count + serials.Count + parcels.Count + emptiness.Count + live.Count + sweeps.Count + claimsOn.Count > 0;

    /// <summary>The state of a thing, by its id.</summary>
    public void State(Guid id)
    {
        if (!Register.Knows(id) && remembered?.Bring(Register, id) is not true)
        {
            states.Add(id);
        }
    }

    /// <summary>As <see cref="State"/>, and the state itself once it is loaded: what else a command names may stand in it.</summary>
    public T? Found<T>(Guid id) where T : State
    {
        State(id);
        return Register.Knows(id) ? Register.Find<T>(id) : null;
    }

    /// <summary>The lowest units of a holding, enough for <paramref name="quantity"/> more than was asked of it before.</summary>
    public void Holding(AccountId account, VoucherId voucher, Kilograms quantity)
    {
        var total = asked[(account, voucher)] = asked.GetValueOrDefault((account, voucher)) + quantity;
        BringUnits(voucher);
        if (!Register.KnowsHolding(account, voucher, total))
        {
            holdings[(account, voucher)] = total;
        }
    }

    /// <summary>Whatever stands on these serials, to one piece more than a line may take: a command that names them is refused beyond that.</summary>
    public void Serial(VoucherId voucher, SerialRanges ranges) => Serial(voucher, ranges, Units.PiecesPerLineMax + 1);

    /// <summary>All that stands on serials under a lock, and the head of their voucher: what the end of the lock looks at.</summary>
    /// <remarks>
    /// However many pieces there are: freezes and ranked pledges may have cut the range since, and what is not loaded could never be released. Each of
    /// them was laid on no more pieces than a line may take, so a range has a thousand or so for every lock that came upon it.
    /// </remarks>
    public void Locked(VoucherId voucher, SerialRanges ranges)
    {
        State(voucher.Value);
        Serial(voucher, ranges, int.MaxValue);
    }

    /// <summary>A line's units: what it asks of the account, and the serials it names.</summary>
    public void Line(AccountId account, Line line)
    {
        State(line.Voucher.Value);
        Holding(account, line.Voucher, line.Kilograms);
        if (line.Ranges is { } ranges)
        {
            Serial(line.Voucher, ranges);
        }
    }

    /// <summary>Whether a name that may be given only once is taken.</summary>
    public void Unique(UniqueName name)
    {
        if (!Register.KnowsUnique(name))
        {
            uniqueNames.Add(name);
        }
    }

    /// <summary>Which vouchers cover a parcel in a period (D1).</summary>
    public void Coverage(string parcel, DatePeriod period)
    {
        if (!Register.KnowsCoverage(parcel, period))
        {
            parcels.Add((parcel, period));
        }
    }

    /// <summary>Whether an account holds any live unit of any voucher, and whether any is to be delivered into it.</summary>
    public void Empty(AccountId account)
    {
        if (!Register.KnowsEmptiness(account))
        {
            emptiness.Add(account);
        }
    }

    /// <summary>The lowest live units of a voucher, whoever holds them and whatever lies on them.</summary>
    public void Live(VoucherId voucher)
    {
        BringUnits(voucher);
        if (!Register.KnowsLive(voucher))
        {
            live.Add(voucher);
        }
    }

    /// <summary>Free units that are not named one by one, and the heads of their vouchers.</summary>
    public void Sweep(Sweep sweep)
    {
        if (!Register.KnowsSweep(sweep))
        {
            sweeps.Add(sweep);
            return;
        }

        foreach (var (voucher, _) in Register.Swept(sweep))
        {
            State(voucher.Value);
        }
    }

    /// <summary>The first claims that units of a voucher back and that are not flagged because of it.</summary>
    public void ClaimsOn(VoucherId voucher)
    {
        if (!Register.KnowsClaimsOn(voucher))
        {
            claimsOn.Add(voucher);
            return;
        }

        foreach (var claim in Register.ClaimsOn(voucher))
        {
            State(claim.Value);
        }
    }

    private void Serial(VoucherId voucher, SerialRanges ranges, int piecesMax)
    {
        BringUnits(voucher);
        foreach (var range in ranges)
        {
            if (!Register.KnowsSerials(voucher, range, piecesMax))
            {
                serials.Add((voucher, range, piecesMax));
            }
        }
    }

    /// <summary>Brings what is remembered of a voucher's units, unless the register has begun to know them by itself.</summary>
    private void BringUnits(VoucherId voucher)
    {
        if (Register.Units(voucher) is null)
        {
            remembered?.Bring(Register, voucher);
        }
    }
}

/// <summary>What is known from before, so that nobody has to be asked for it.</summary>
public interface IRemembered
{
    /// <summary>Brings a state into the register; false when it is not remembered.</summary>
    bool Bring(Register register, Guid id);

    /// <summary>Brings a voucher's units into a register that knows none of them, as far as they are remembered.</summary>
    void Bring(Register register, VoucherId voucher);
}

/// <summary>A name that may be given only once in its space, such as a venue's trade number.</summary>
public readonly record struct UniqueName(string Space, string Name)
{
    public static UniqueName VenueTrade(OrganizationId venue, string number) => new("venue-trade", $"{venue}/{number}");

    public static UniqueName PrintedNumber(string number) => new("printed-number", number);

    public static UniqueName RegistrationNumber(string number) => new("registration-number", number);

    public static UniqueName GreenCertificate(string number) => new("green-certificate", number);
}

/// <summary>Units of one voucher that a command names: a quantity (the lowest free serials), or exact ranges.</summary>
/// <param name="Kilograms">Always the quantity; with ranges it equals their sum.</param>
public sealed record Line(VoucherId Voucher, Kilograms Kilograms, SerialRanges? Ranges)
{
    /// <summary>The most vouchers one command may name.</summary>
    public const int LinesPerCommandMax = 100;

    public static Line Of(VoucherId voucher, Kilograms kilograms) => new(voucher, kilograms, null);

    public static Line Of(VoucherId voucher, SerialRanges ranges) => new(voucher, ranges.Kilograms, ranges);
}
