using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Statements;

public static class LienStatementEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/v1/liens", (HttpContext http) => ReadEndpoint.RunBytesAsync(http, q => StateAsync(http, q)))
            .WithTags("Liens")
            .Answers<SignedLienStatementWire>(
                "Lien statement",
                "Who holds a range of a voucher's serials and what lies on it, now or at a past instant, or that nothing does; signed. The holder, the pledgees on a stretch and the registrar see each lock with rank, lender, contract and filing number; everyone else that a lock of some kind exists (P7). More than limit stretches: nextCursor goes on, at the same log position.",
                list: true)
            .Asks("voucherId", Forms.Id, "The voucher; or give serial.")
            .Asks("first", Forms.Whole(1, SerialRange.SerialMax), "The first serial, from 1; the voucher's first when absent. Goes with voucherId.")
            .Asks("last", Forms.Whole(1, SerialRange.SerialMax), "The last serial, inclusive; the voucher's last when absent. Goes with voucherId.")
            .Asks("serial", Forms.Name(VoucherFinder.SerialCharactersMax), "The canonical serial text of the range, in the place of the three others.")
            .Refuses(StatusCodes.Status409Conflict)
            .KnowsWhoAsks();
        routes.Get("/v1/signing-keys", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.KeySetWire, q => q.Get<SigningKeys>().ListAsync(q.AsOf)))
            .WithTags("Liens")
            .Answers<KeySetWire>("Public keys", "Every key that ever signed a statement of this register, as a JSON Web Key Set. None is ever removed, so that an old statement stays verifiable.");
    }

    private static async Task<byte[]> StateAsync(HttpContext http, ReadQuestion question)
    {
        var (voucher, first, last) = await RangeAsync(http.Request.Query, question);
        var actor = await ReadEndpoint.ActorAsync(http, question);
        var (statement, next) = await question.Get<LienStatementReader>().ReadAsync(voucher, first, last, actor, question);
        var payload = JsonSerializer.SerializeToUtf8Bytes(statement, WireJson.Wire.LienStatementWire);
        return Envelope(payload, question.Get<SigningKeys>().Current, next);
    }

    private static async Task<(VoucherId Voucher, long? First, long? Last)> RangeAsync(IQueryCollection query, ReadQuestion question)
    {
        long? Serial(string name) => query.TryGetValue(name, out var text) ? ReadEndpoint.Number(text.ToString(), name, 1, SerialRange.SerialMax) : null;
        switch (Input.One(query, "voucherId", "serial"))
        {
            case ("serial", var text):
                var (voucher, range) = await VoucherFinder.FindAsync(text, question);
                return Serial("first") is null && Serial("last") is null ? (voucher, range.First, range.Last) : throw Input.OutOfRange("serial", "excludes first and last");
            case ("voucherId", var text):
                return (new VoucherId(Input.Id(text, "voucherId")), Serial("first"), Serial("last"));
            default:
                throw Input.OutOfRange("voucherId", "must be given, as a voucher's id (a UUID); or serial, as the text on a certificate");
        }
    }

    /// <summary>The statement's bytes stand in the answer as they were signed: written twice, they could differ.</summary>
    private static byte[] Envelope(byte[] payload, SigningKey key, PageCursor? next)
    {
        var after = next is { } cursor ? $",\"nextCursor\":\"{cursor}\"" : "";
        return
        [
            .. "{\"statement\":"u8, .. payload,
            .. Encoding.ASCII.GetBytes($",\"signature\":{{\"keyId\":\"{key.KeyId}\",\"algorithm\":\"{SigningKey.Algorithm}\",\"jws\":\"{key.Sign(payload)}\"}}{after}}}"),
        ];
    }
}
