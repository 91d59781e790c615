using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CarbonLedger.Server.Http;

/// <summary>Errors as RFC 9457 problem details with a stable <c>code</c>; <c>type</c> is the page that explains it.</summary>
public static class Problem
{
    public const string ContentType = "application/problem+json";

    // Chinese names and CO₂ are readable as they are; the answer is never put into HTML.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The one table from refusals to HTTP.</summary>
    public static int StatusOf(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
    };

    public static byte[] Body(Refusal refusal) => Body(StatusOf(refusal), refusal.Code, refusal.Detail, refusal as Refusal.RowRefused);

    public static byte[] Body(int status, string code, string detail, Refusal.RowRefused? row = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("type", $"/problems/{code}");
            writer.WriteString("title", Title(code));
            writer.WriteNumber("status", status);
            writer.WriteString("code", code);
            writer.WriteString("detail", detail);
            if (row is { } refused)
            {
                writer.WriteNumber("row", refused.Row);
                writer.WriteString("rowCode", refused.RowCode);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void SayWhenToAskAgain(HttpContext http, EdgeProblem problem)
    {
        if (problem.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public static Task WriteAsync(HttpContext http, EdgeProblem problem, string detail)
    {
        SayWhenToAskAgain(http, problem);
        return WriteAsync(http, problem.Status, Body(problem.Status, problem.Code, detail));
    }

    public static Task WriteAsync(HttpContext http, Refusal refusal) => WriteAsync(http, StatusOf(refusal), Body(refusal));

    private static Task WriteAsync(HttpContext http, int status, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>The code as words: <c>units-under-lien</c> becomes <c>Units under lien</c>.</summary>
    private static string Title(string code) => char.ToUpperInvariant(code[0]) + code[1..].Replace('-', ' ');
}

/// <summary>An error (RFC 9457).</summary>
public sealed record ProblemWire
{
    /// <summary>The page that explains the code, as a path of this server.</summary>
    /// <example>/problems/units-under-lien</example>
    public required string Type { get; init; }

    /// <summary>The code as words.</summary>
    /// <example>Units under lien</example>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    /// <example>409</example>
    public required int Status { get; init; }

    /// <summary>What a program decides by: stable, never reused.</summary>
    /// <example>units-under-lien</example>
    public required string Code { get; init; }

    /// <summary>What happened and what to do, for people; with the numbers of this case.</summary>
    public required string Detail { get; init; }
}

/// <summary>A problem that the edge finds before, or instead of, a decision.</summary>
/// <param name="RetryAfterSeconds">When to ask again, where asking again makes sense.</param>
public sealed record EdgeProblem(string Code, int Status, int? RetryAfterSeconds = null)
{
    public static readonly EdgeProblem MalformedBody = new("malformed-body", 400);
    public static readonly EdgeProblem ValueOutOfRange = new("value-out-of-range", 400);
    public static readonly EdgeProblem KilogramsNotPositive = new("kilograms-not-positive", 400);
    public static readonly EdgeProblem KilogramsDisagree = new("kilograms-disagree", 400);
    public static readonly EdgeProblem RangeReversed = new("range-reversed", 400);
    public static readonly EdgeProblem RangesOverlap = new("ranges-overlap", 400);
    public static readonly EdgeProblem PeriodReversed = new("period-reversed", 400);
    public static readonly EdgeProblem SerialMalformed = new("serial-malformed", 400);
    public static readonly EdgeProblem SerialNotFound = new("serial-not-found", 404);
    public static readonly EdgeProblem CsvRowsInvalid = new("csv-rows-invalid", 400);
    public static readonly EdgeProblem CursorMalformed = new("cursor-malformed", 400);
    public static readonly EdgeProblem AsOfInFuture = new("as-of-in-future", 400);
    public static readonly EdgeProblem NotSupported = new("not-supported", 400);
    public static readonly EdgeProblem CsvMalformed = new("csv-malformed", 400);
    public static readonly EdgeProblem CsvRowMalformed = new("csv-row-malformed", 400);
    public static readonly EdgeProblem CsvFormulaCell = new("csv-formula-cell", 400);
    public static readonly EdgeProblem CsvRowRepeated = new("csv-row-repeated", 400);
    public static readonly EdgeProblem BulkTooLarge = new("bulk-too-large", 400);
    public static readonly EdgeProblem BulkJobNotFound = new("bulk-job-not-found", 404);
    public static readonly EdgeProblem NameInStatement = new("name-in-statement", 400);
    public static readonly EdgeProblem IdempotencyKeyMissing = new("idempotency-key-missing", 400);
    public static readonly EdgeProblem IdempotencyKeyMalformed = new("idempotency-key-malformed", 400);
    public static readonly EdgeProblem ActingOrganizationMalformed = new("acting-organization-malformed", 400);
    public static readonly EdgeProblem RouteNotFound = new("route-not-found", 404);
    public static readonly EdgeProblem TransferNotFound = new("transfer-not-found", 404);
    public static readonly EdgeProblem ReferencePriceNotFound = new("reference-price-not-found", 404);
    public static readonly EdgeProblem MethodNotAllowed = new("method-not-allowed", 405);
    public static readonly EdgeProblem BodyTooLarge = new("body-too-large", 413);
    public static readonly EdgeProblem UnsupportedMediaType = new("unsupported-media-type", 415);
    public static readonly EdgeProblem IdempotencyKeyReused = new("idempotency-key-reused", 422);
    public static readonly EdgeProblem InternalError = new("internal-error", 500);
    public static readonly EdgeProblem Overloaded = new("overloaded", 503, 1);
    public static readonly EdgeProblem DatabaseUnavailable = new("database-unavailable", 503, 1);
    public static readonly EdgeProblem OutcomeUnknown = new("outcome-unknown", 503, 1);
    public static readonly EdgeProblem NotYetProjected = new("not-yet-projected", 503, 1);

    public static IEnumerable<EdgeProblem> All => typeof(EdgeProblem)
        .GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
        .Select(f => (EdgeProblem)f.GetValue(null)!);
}

/// <summary>Thrown while a request is turned into a command or a question; the endpoint answers with its problem.</summary>
public sealed class BadInputException(EdgeProblem problem, string detail) : Exception(detail)
{
    public EdgeProblem Problem { get; } = problem;
}
