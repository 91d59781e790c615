using System.Runtime.CompilerServices;

namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>What the auditor would say; put into words only where something does not hold, since nearly everything does.</summary>
[InterpolatedStringHandler]
internal ref struct Complaint
{
    private DefaultInterpolatedStringHandler words;

    public Complaint(int literals, int values, bool holds, out bool isSaid)
    {
        isSaid = !holds;
        words = isSaid ? new DefaultInterpolatedStringHandler(literals, values) : default;
    }

    public void AppendLiteral(string text) => words.AppendLiteral(text);

    public void AppendFormatted<T>(T value, string? format = null) => words.AppendFormatted(value, format);

    public string Text => words.ToStringAndClear();
}
