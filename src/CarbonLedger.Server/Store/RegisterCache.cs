using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Server.Store;

/// <summary>States, stream versions and units as the last batch left them. They are true while the log's head stands where that batch put it.</summary>
/// <remarks>
/// Of one command loop, which compares the head under its lock: whoever else wrote has moved it. Absent things are not remembered. While several
/// nodes write in turn nothing is remembered at all, so that no batch loads twice.
/// </remarks>
public sealed class RegisterCache
{
    /// <summary>What was not asked for while a whole generation filled is forgotten. There are two, of some seventy megabytes each at most.</summary>
    public const int GenerationStatesMax = 65_536;

    private const int GenerationPiecesMax = 524_288;

    /// <summary>A voucher of which nothing is known yet takes the memory of so many pieces.</summary>
    private const int PiecesPerVoucher = 16;

    /// <summary>A voucher of which more is known is begun anew: it alone would drive out everything else.</summary>
    private const int VoucherPiecesMax = GenerationPiecesMax / 8;

    private Generation young = new();
    private Generation old = new();
    private bool undisturbed;

    /// <summary>Where the last batch left the head, and the time that the next event may have at the earliest.</summary>
    private (long Index, Instant At)? head;

    /// <summary>Compares where the head stands with where the last batch left it. False when entries are out of date; they are forgotten, and what was loaded with them is void.</summary>
    public bool AgreesWith(long headIndex)
    {
        undisturbed = headIndex == head?.Index;
        if (undisturbed || (young.IsEmpty && old.IsEmpty))
        {
            return true;
        }

        Clear();
        return false;
    }

    /// <summary>Where the head must be found for what is remembered to be true; false when another node wrote before the last batch, and likely will again.</summary>
    public bool TryHead(out long index, out Instant at)
    {
        (index, at) = head.GetValueOrDefault();
        return undisturbed && head is not null;
    }

    public bool TryFind(Guid id, out StateEntry entry)
    {
        if (young.States.TryGetValue(id, out entry))
        {
            return true;
        }

        if (!old.States.TryGetValue(id, out entry))
        {
            return false;
        }

        Keep(id, entry);
        return true;
    }

    /// <summary>What is known of a voucher's units, to be changed by the batch. One that is not committed must say so with <see cref="Forget"/>.</summary>
    public Units? FindUnits(VoucherId voucher) =>
        young.Units.TryGetValue(voucher, out var found) || old.Units.TryGetValue(voucher, out found) ? found.Units : null;

    /// <summary>Takes over what a committed batch loaded and changed, unless another node wrote just before it.</summary>
    public void Take(long headIndex, Instant headAt, Register register, IReadOnlyDictionary<Guid, long> versions)
    {
        head = (headIndex, headAt);
        if (!undisturbed)
        {
            return;
        }

        foreach (var state in register.KnownStates)
        {
            if (state.IsAtRest)
            {
                young.States.Remove(state.Id);
                old.States.Remove(state.Id);
            }
            else
            {
                Keep(state.Id, new StateEntry(state, versions.TryGetValue(state.Id, out var version) ? version : null));
            }
        }

        Forget(register);
        foreach (var (voucher, units) in register.LoadedUnits)
        {
            units.Settle();
            if (units.PieceCount <= VoucherPiecesMax)
            {
                var pieces = PiecesPerVoucher + units.PieceCount;
                young.Units.Add(voucher, (units, pieces));
                young.Pieces += pieces;
            }
        }

        TurnOver();
    }

    /// <summary>Forgets the units that a batch has changed here and not in the database.</summary>
    public void Forget(Register register)
    {
        foreach (var voucher in register.LoadedUnits.Keys)
        {
            young.Pieces -= young.Units.GetValueOrDefault(voucher).Pieces;
            young.Units.Remove(voucher);
            old.Units.Remove(voucher);
        }
    }

    public void Clear()
    {
        head = null;
        young = new Generation();
        old = new Generation();
    }

    private void Keep(Guid id, StateEntry entry)
    {
        young.States[id] = entry;
        TurnOver();
    }

    private void TurnOver()
    {
        if (young.States.Count >= GenerationStatesMax || young.Pieces >= GenerationPiecesMax)
        {
            old = young;
            young = new Generation();
        }
    }

    private sealed class Generation
    {
        public Dictionary<Guid, StateEntry> States { get; } = [];

        public Dictionary<VoucherId, (Units Units, int Pieces)> Units { get; } = [];

        public int Pieces { get; set; }

        public bool IsEmpty => States.Count + Units.Count == 0;
    }
}

/// <param name="Version">Of the stream with the same id; null when there is none.</param>
public readonly record struct StateEntry(State State, long? Version);
