using NodaTime;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A server's clock that a test sets, also back.</summary>
public sealed class SetClock : IClock
{
    public Instant Now { get; set; }

    public Instant GetCurrentInstant() => Now;
}
