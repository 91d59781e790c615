using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Vouchers;

/// <summary>Finds vouchers by what stands on paper: a serial text, or the printed number.</summary>
public static class VoucherFinder
{
    /// <summary>Longer than any serial text: a scheme has 12 characters at most.</summary>
    public const int SerialCharactersMax = 64;

    /// <exception cref="BadInputException">The text is no serial text.</exception>
    public static (SerialPrefix Prefix, SerialRange Range) Parse(string text) => SerialText.Parse(text)
        ?? throw new BadInputException(EdgeProblem.SerialMalformed, "This is not a canonical serial text, or its check characters do not hold. Compare it with the certificate.");

    /// <summary>Vouchers in the order of issuance: all, or what the query asks for.</summary>
    public static Task<List<Placed<VoucherState>>> ListAsync(IQueryCollection query, ReadQuestion question) => Input.One(query, "serial", "printedNumber", "projectId") switch
    {
        ("serial", var text) => OfSerialAsync(Parse(text), question),
        ("printedNumber", var text) => NarrowedAsync(question, Printed(Input.Text(text, "printedNumber", 64))),
        ("projectId", var text) => NarrowedAsync(question, Narrowing.Member("project", Input.Id(text, "projectId").ToString())),
        _ => NarrowedAsync(question, null),
    };

    /// <summary>The voucher whose units a serial text names, and which units these are.</summary>
    /// <exception cref="BadInputException">It is no serial text, or no voucher has such units.</exception>
    public static async Task<(VoucherId Voucher, SerialRange Range)> FindAsync(string serial, ReadQuestion question)
    {
        var parsed = Parse(serial);
        return await FindOrNullAsync(parsed, question) is { } voucher
            ? (voucher, parsed.Range)
            : throw new BadInputException(EdgeProblem.SerialNotFound, $"No voucher of this register has the units {serial}. The text is well-formed: ask the register that it comes from.");
    }

    /// <summary>The voucher that has such units; null where there is none.</summary>
    public static async Task<VoucherId?> FindOrNullAsync((SerialPrefix Prefix, SerialRange Range) serial, ReadQuestion question) =>
        await OfSerialAsync(serial, question) is [var found, ..] ? found.Entry.Voucher : null;

    /// <summary>The voucher with a printed number; null where there is none.</summary>
    public static async Task<VoucherId?> FindPrintedAsync(string number, ReadQuestion question) =>
        await NarrowedAsync(question, Printed(number)) is [var found, ..] ? found.Entry.Voucher : null;

    /// <summary>Scheme and vintage have columns of their own, so that few states are read for the rest.</summary>
    private static async Task<List<Placed<VoucherState>>> OfSerialAsync((SerialPrefix Prefix, SerialRange Range) serial, ReadQuestion question)
    {
        var (region, scheme, project, vintage, issuance) = serial.Prefix;
        var found = await NarrowedAsync(question, new Narrowing(
            place => $$"""
                s.scheme = split_part({{place}}, '-', 2) and left(s.period_end, 4) = split_part({{place}}, '-', 4)
                and concat_ws('-', s.state #>> '{serial,region}', s.scheme, s.state #>> '{serial,projectNumber}', left(s.period_end, 4), s.state #>> '{serial,issuance}') = {{place}}
                """,
            FormattableString.Invariant($"{region}-{scheme}-{project}-{vintage:D4}-{issuance}")));
        return [.. found.Where(v => serial.Range.Last <= v.Entry.Kilograms.Value)];
    }

    private static Narrowing Printed(string number) => Narrowing.Member("printedNumber", number);

    private static Task<List<Placed<VoucherState>>> NarrowedAsync(ReadQuestion question, Narrowing? narrowed) =>
        question.Get<ThingReader>().ListBegunAsync<VoucherState>("voucher", question, narrowed: narrowed);
}
