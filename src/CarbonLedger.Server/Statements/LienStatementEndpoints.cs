using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Http;

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
            .Asks("voucherId", Forms.Id, "The voucher.", required: true)
            .Asks("first", Forms.Whole(1, SerialRange.SerialMax), "The first serial, from 1; the voucher's first when absent.")
            .Asks("last", Forms.Whole(1, SerialRange.SerialMax), "The last serial, inclusive; the voucher's last when absent.")
            .KnowsWhoAsks();
        routes.Get("/v1/signing-keys", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.KeySetWire, q => q.Get<SigningKeys>().ListAsync(q.AsOf)))
            .WithTags("Liens")
            .Answers<KeySetWire>("Public keys", "Every key that ever signed a statement of this register, as a JSON Web Key Set. None is ever removed, so that an old statement stays verifiable.");
    }

    private static async Task<byte[]> StateAsync(HttpContext http, ReadQuestion question)
    {
        var query = http.Request.Query;
        if (!Guid.TryParseExact(query["voucherId"].ToString(), "D", out var voucher))
        {
            throw Input.OutOfRange("voucherId", "must be given once, as a voucher's id (a UUID)");
        }

        long? Serial(string name) => query.TryGetValue(name, out var text) ? ReadEndpoint.Number(text.ToString(), name, 1, SerialRange.SerialMax) : null;
        var actor = await ReadEndpoint.ActorAsync(http, question);
        var (statement, next) = await question.Get<LienStatementReader>().ReadAsync(new VoucherId(voucher), Serial("first"), Serial("last"), actor, question);
        var payload = JsonSerializer.SerializeToUtf8Bytes(statement, WireJson.Wire.LienStatementWire);
        return Envelope(payload, question.Get<SigningKeys>().Current, next);
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
