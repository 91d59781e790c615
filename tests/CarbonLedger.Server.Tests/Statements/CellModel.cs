namespace CarbonLedger.Server.Tests.Statements;

/// <summary>A voucher as one cell per kilogram: who holds it and what lies on it. It knows nothing of ranges, and shares no code with the product.</summary>
internal sealed class CellModel
{
    private readonly Cell[] cells;
    private readonly HashSet<string> frozenAccounts = [];

    public CellModel(int kilograms, string holder) => cells = [.. Enumerable.Range(0, kilograms).Select(_ => new Cell(holder, false, []))];

    private CellModel(CellModel other) => (cells, frozenAccounts) = ([.. other.cells], [.. other.frozenAccounts]);

    /// <summary>Locks that lie on anything, by the id of pledge or freeze.</summary>
    public IEnumerable<string> Locks => cells.SelectMany(c => c.Locks).Select(l => l.Id).Distinct().Order(StringComparer.Ordinal);

    public CellModel Copy() => new(this);

    public bool IsFree(string holder, int first, int last) => Range(first, last).All(i => cells[i] is { Retired: false, Locks.Length: 0 } c && c.Holder == holder) && !frozenAccounts.Contains(holder);

    public bool IsLive(int first, int last) => Range(first, last).All(i => !cells[i].Retired && cells[i].Locks.Count(l => l.Kind == "freeze") < 16);

    public bool IsLocked(string id, int first, int last) => Range(first, last).All(i => cells[i].Locks.Any(l => l.Id == id));

    public void Move(int first, int last, string to) => Change(first, last, c => c with { Holder = to });

    public void Retire(int first, int last) => Change(first, last, c => c with { Retired = true });

    public void Lock(int first, int last, string kind, string id) => Change(first, last, c => c with { Locks = [.. c.Locks, (kind, id)] });

    public void Unlock(string id, int first = 1, int last = int.MaxValue) =>
        Change(first, Math.Min(last, cells.Length), c => c with { Locks = [.. c.Locks.Where(l => l.Id != id)] });

    public void FreezeAccount(string account, bool frozen) => _ = frozen ? frozenAccounts.Add(account) : frozenAccounts.Remove(account);

    public bool IsFrozen(string account) => frozenAccounts.Contains(account);

    /// <summary>What a statement should say of one kilogram: status, holder, and the locks in their order.</summary>
    public string Say(int serial, string? freezeOfAccount)
    {
        var cell = cells[serial - 1];
        var locks = cell.Locks.Select(l => $"{l.Kind}:{l.Id}");
        return $"{(cell.Retired ? "retired" : "live")} {cell.Holder} {string.Join(' ', !cell.Retired && IsFrozen(cell.Holder) ? locks.Append($"freeze:{freezeOfAccount}") : locks)}".TrimEnd();
    }

    /// <summary>Owned, free, held, pledged and frozen kilograms of an account, without a freeze of the account as a whole.</summary>
    public long[] Balance(string account)
    {
        var own = cells.Where(c => c.Holder == account && !c.Retired).ToArray();
        return [own.Length, own.Count(c => c.Locks.Length == 0), 0, own.Count(c => c.Locks.Any(l => l.Kind == "pledge")), own.Count(c => c.Locks.Any(l => l.Kind == "freeze"))];
    }

    private void Change(int first, int last, Func<Cell, Cell> change)
    {
        foreach (var i in Range(first, last))
        {
            cells[i] = change(cells[i]);
        }
    }

    private static IEnumerable<int> Range(int first, int last) => Enumerable.Range(first - 1, last - first + 1);

    private sealed record Cell(string Holder, bool Retired, (string Kind, string Id)[] Locks);
}
