namespace CarbonLedger.Server.Pages;

/// <summary>Where this server is found from outside: what a printed QR code must hold.</summary>
/// <remarks>The setting <c>Ledger:PublicUrl</c> (<c>Ledger__PublicUrl</c>); without it the address of the request, which behind a proxy may be an inner one.</remarks>
public sealed class PublicAddress(IConfiguration configuration)
{
    private readonly string? configured = Configured(configuration);

    /// <returns>Null, or the reason why the server must not start with this setting: every printed code would be wrong.</returns>
    public static string? ReasonToRefuse(IConfiguration configuration) =>
        Configured(configuration) is not { } text
        || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "" })
            ? null
            : $"Ledger:PublicUrl is '{text}'. It must be an absolute http or https address without a query, such as https://register.example.cn.";

    public string Of(HttpContext http, string path) =>
        (configured ?? $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}") + path;

    private static string? Configured(IConfiguration configuration) => configuration["Ledger:PublicUrl"]?.TrimEnd('/');
}
