namespace CarbonLedger.Server.Pages;

/// <summary>What every certificate has, whatever it certifies.</summary>
/// <param name="Number">The certificate's number, such as <c>RET-2026-0000000042</c>.</param>
/// <param name="Path">The page's path, without a query.</param>
/// <param name="JsonPath">Where a program reads the same.</param>
/// <param name="Address">The page's absolute address: what the QR code holds.</param>
/// <param name="Ranges">How many serial ranges the annex has in all.</param>
/// <param name="Page">The page of the annex that is shown, from 1.</param>
public sealed record CertificateFrame(
    string Number, string TitleZh, string TitleEn, string Path, string JsonPath, string Address, long LogIndex, string VerificationCode, int Ranges, int Page)
{
    /// <summary>Serial ranges on one page: some fifteen sheets of paper, and half a megabyte that a telephone still opens.</summary>
    public const int RangesPerPageMax = 1_000;

    /// <summary>Serial ranges of a voucher that the screen shows before the reader unfolds the rest; paper always has all.</summary>
    public const int RangesUnfoldedMax = 10;

    public int Pages => PagesOf(Ranges);

    public static int PagesOf(int ranges) => Math.Max(1, (ranges + RangesPerPageMax - 1) / RangesPerPageMax);

    /// <summary>The ranges of the page that is shown.</summary>
    public IEnumerable<T> OfPage<T>(IEnumerable<T> ranges) => ranges.Skip((Page - 1) * RangesPerPageMax).Take(RangesPerPageMax);

    public string AnnexTitle(Language language) => language.Say($"序列号段（{Ranges:N0} 段）", Ranges == 1 ? "Serial range" : $"Serial ranges ({Ranges:N0})");
}
