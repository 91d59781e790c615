namespace CarbonLedger.Server.Store;

/// <summary>States and stream versions as the last batch left them. They are true while the log's head stands where that batch put it.</summary>
/// <remarks>
/// Of one command loop, which reads the head under its lock: whoever else wrote has moved it. Absent things are not remembered. While several nodes
/// write in turn nothing is remembered at all, so that no batch loads twice.
/// </remarks>
public sealed class StateCache
{
    /// <summary>Entries of one generation, some ten megabytes; there are two.</summary>
    private const int GenerationMax = 16_384;

    // What was not asked for while a whole generation filled is forgotten.
    private Dictionary<Guid, Entry> young = [];
    private Dictionary<Guid, Entry> old = [];

    private long headLeft = -1;
    private bool undisturbed;

    /// <summary>Compares where the head stands with where the last batch left it. False when entries are out of date; they are forgotten, and what was loaded with them is void.</summary>
    public bool AgreesWith(long headIndex)
    {
        undisturbed = headIndex == headLeft;
        if (undisturbed || young.Count + old.Count == 0)
        {
            return true;
        }

        Clear();
        return false;
    }

    public bool TryFind(Guid id, out Entry entry)
    {
        if (young.TryGetValue(id, out entry))
        {
            return true;
        }

        if (!old.TryGetValue(id, out entry))
        {
            return false;
        }

        Keep(id, entry);
        return true;
    }

    /// <summary>Takes over what a committed batch loaded and changed, unless another node wrote just before it.</summary>
    public void Take(long headIndex, Register register, IReadOnlyDictionary<Guid, long> versions)
    {
        headLeft = headIndex;
        if (!undisturbed)
        {
            return;
        }

        foreach (var state in register.KnownStates)
        {
            Keep(state.Id, new Entry(state, versions.TryGetValue(state.Id, out var version) ? version : null));
        }
    }

    public void Clear()
    {
        headLeft = -1;
        young.Clear();
        old.Clear();
    }

    private void Keep(Guid id, Entry entry)
    {
        young[id] = entry;
        if (young.Count >= GenerationMax)
        {
            (old, young) = (young, old);
            young.Clear();
        }
    }

    /// <param name="Version">Of the stream with the same id; null when there is none.</param>
    public readonly record struct Entry(State State, long? Version);
}
