namespace CarbonLedger.Audit;

/// <summary>What does not agree.</summary>
public sealed class Findings
{
    /// <summary>Findings that are printed; all of them are counted.</summary>
    private const int PrintedMax = 50;

    private readonly List<string> first = [];

    public long Count { get; private set; }

    public void Add(string finding)
    {
        if (Count++ < PrintedMax)
        {
            first.Add(finding);
        }
    }

    /// <summary>Adds the finding unless the condition holds.</summary>
    public void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            Add(otherwise);
        }
    }

    public void Print(TextWriter output)
    {
        first.ForEach(output.WriteLine);
        output.WriteLine(Count == 0 ? "Everything agrees." : $"{Count} findings.");
    }
}
