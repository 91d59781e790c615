using CarbonLedger.Server.Claims;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Vouchers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>Certificates that people hold: on the screen, on paper, and to be checked by whoever scans them. They show the present only: one of the past would pass for it.</summary>
public static class CertificatePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Page("/certificates/retirements/{id:guid}", async (http, q, id) =>
        {
            q.RequirePresent();
            var c = await q.Get<RetirementReader>().CertificateAsync(id, q);
            var frame = Frame(http, "碳票注销证书", "Certificate of Retirement", c.Number, c.Page, $"/v1/retirements/{id}/certificate", c.LogIndex, c.VerificationCode, c.Lines.Count);
            return new RazorComponentResult<RetirementCertificate>(new { Language = Spoken(http), Frame = frame, C = c });
        });
        routes.Page("/certificates/vouchers/{id:guid}", async (http, q, id) =>
        {
            q.RequirePresent();
            var c = await q.Get<VoucherCertificateReader>().ReadAsync(new VoucherId(id), q);
            var frame = Frame(http, "碳票登记证书", "Certificate of Registration", c.Number, c.Page, $"/v1/vouchers/{id}/certificate", c.LogIndex, c.VerificationCode, c.Ranges.Count);
            return new RazorComponentResult<VoucherCertificate>(new { Language = Spoken(http), Frame = frame, C = c, At = q.Now });
        });
        routes.Page("/certificates/claims/{id:guid}", async (http, q, id) =>
        {
            q.RequirePresent();
            var c = await q.Get<ClaimCertificateReader>().ReadAsync(new ClaimId(id), q);
            var frame = Frame(http, "零碳声明证书", "Certificate of Zero-Carbon Claim", c.Number, c.Page, $"/v1/claims/{id}/certificate", c.LogIndex, c.VerificationCode, c.Lines.Count);
            return new RazorComponentResult<ClaimCertificate>(new { Language = Spoken(http), Frame = frame, C = c });
        });
    }

    /// <summary>What a certificate of another noun needs besides its own lead, facts and annex.</summary>
    /// <exception cref="BadInputException">A page is asked for that the annex does not have.</exception>
    public static CertificateFrame Frame(HttpContext http, string titleZh, string titleEn, string number, string path, string jsonPath, long logIndex, string verificationCode, int ranges)
    {
        var page = http.Request.Query.TryGetValue("page", out var asked) ? (int)ReadEndpoint.Number(asked.ToString(), "page", 1, CertificateFrame.PagesOf(ranges)) : 1;
        var address = http.RequestServices.GetRequiredService<PublicAddress>().Of(http, path);
        return new CertificateFrame(number, titleZh, titleEn, path, jsonPath, address, logIndex, verificationCode, ranges, page);
    }

    /// <summary>The page's language, said in the headers too, so that no cache gives it to a reader of the other.</summary>
    private static Language Spoken(HttpContext http)
    {
        var language = Language.Of(http);
        http.Response.Headers.ContentLanguage = language.Tag;
        http.Response.Headers.Vary = "Accept-Language";
        return language;
    }
}
