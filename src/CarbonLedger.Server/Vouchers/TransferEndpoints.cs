using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Vouchers;

public static class TransferEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/transfers").WithTags("Transfers");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.TransferPost, Transfer))
            .Describes<TransferPost>("Transfer units", "Moves free units to another account; over several vouchers whole or not at all (D6). A quantity takes the lowest free serials.")
            .Shows("""{"fromAccountId":"0198f2c0-0000-7000-8000-000000000002","toAccountId":"0198f2c0-0000-7000-8000-000000000003","lines":[{"voucherId":"0198f2c0-0000-7000-8000-000000000001","kilograms":1000}],"reason":"to the branch office"}""");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.TransferWire, q => FindAsync(new TransferId(id), q)))
            .Answers<TransferWire>("Get a transfer", "Its id names its place in the log.");
    }

    internal static Posted Transfer(TransferPost wire) => new(
        new TransferUnits(wire.FromAccountId, wire.ToAccountId, Input.Lines(wire.Lines), Input.Reason(wire.Reason)),
        AcceptedWire.RenderUnits,
        "/v1/transfers/");

    private static async Task<TransferWire> FindAsync(TransferId id, ReadQuestion q)
    {
        var lines = new List<UnitsWire>();
        TransferWire? wire = null;
        if (id.LogIndex is { } first)
        {
            foreach (var (_, bytes) in await q.Get<LogReader>().BytesAfterAsync(first - 1, Line.LinesPerCommandMax, CancellationToken.None))
            {
                var recorded = Core.Log.EventCodec.Decode(bytes);
                if (recorded.Fact is not VoucherEvent.UnitsTransferred e || e.Transfer != id || recorded.LogIndex > (q.UpTo ?? long.MaxValue))
                {
                    break;
                }

                lines.Add(UnitsWire.Of(e.Voucher, e.Serials));
                wire = new TransferWire
                {
                    Id = id.Value,
                    FromAccountId = e.From,
                    ToAccountId = e.To,
                    Lines = lines,
                    Reason = e.Reason,
                    At = recorded.At,
                    Actor = recorded.Actor.ToString(),
                    LogIndex = recorded.LogIndex,
                };
            }
        }

        return wire ?? throw new BadInputException(EdgeProblem.TransferNotFound, $"There is no transfer {id}.");
    }
}

/// <summary>A transfer to make.</summary>
public sealed record TransferPost
{
    /// <summary>The account that gives.</summary>
    public required AccountId FromAccountId { get; init; }

    /// <summary>The account that receives.</summary>
    public required AccountId ToAccountId { get; init; }

    /// <summary>1 to 100 lines, each of another voucher.</summary>
    public required IReadOnlyList<LineWire> Lines { get; init; }

    /// <summary>Why, at most 1,000 characters.</summary>
    /// <example>Allocation to the park's account</example>
    public string? Reason { get; init; }
}

/// <summary>A transfer that was made.</summary>
public sealed record TransferWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account that gave.</summary>
    public required AccountId FromAccountId { get; init; }

    /// <summary>The account that received.</summary>
    public required AccountId ToAccountId { get; init; }

    /// <summary>The units that moved.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant At { get; init; }

    /// <summary>Who acted: an organization's id, or <c>registrar</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The log position of its last event.</summary>
    public required long LogIndex { get; init; }
}
