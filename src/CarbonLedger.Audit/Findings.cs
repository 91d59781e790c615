using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>What does not agree.</summary>
public sealed class Findings
{
    /// <summary>Findings that are printed; all of them are counted.</summary>
    private const int PrintedMax = 50;

    private readonly List<string> first = [];
    private readonly List<string> notes = [];

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

    /// <summary>Something to know that is not wrong.</summary>
    public void Note(string note) => notes.Add(note);

    /// <summary>True for what an exception says about content that nobody could have decided on: that is a finding, and no reason to stop.</summary>
    /// <remarks>Reading JSON of another shape, a value outside its range, an event that does not fit the state before it.</remarks>
    public static bool IsOfContent(Exception e) =>
        e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException or NullReferenceException;

    public void Print(TextWriter output)
    {
        notes.ForEach(output.WriteLine);
        first.ForEach(output.WriteLine);
        output.WriteLine(Count == 0 ? "Everything agrees." : $"{Count} findings.");
    }
}
