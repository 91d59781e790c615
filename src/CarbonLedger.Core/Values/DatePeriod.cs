namespace CarbonLedger.Core.Values;

/// <summary>First and last day of something that lasts whole days, both inclusive (Asia/Shanghai calendar).</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(Log.DatePeriodJson))]
public readonly record struct DatePeriod
{
    public DatePeriod(LocalDate first, LocalDate last)
    {
        if (last < first)
        {
            throw new ArgumentOutOfRangeException(nameof(last), last, "A period ends on or after its first day.");
        }

        (First, Last) = (first, last);
    }

    public LocalDate First { get; }

    public LocalDate Last { get; }

    public bool Overlaps(DatePeriod other) => First <= other.Last && other.First <= Last;

    public override string ToString() => $"{First:uuuu-MM-dd}–{Last:uuuu-MM-dd}";
}
