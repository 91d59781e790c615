namespace CarbonLedger.Server.Http;

/// <summary>HEAD is answered wherever GET is, and in the same way: the handlers see a GET, and the server leaves the body out.</summary>
public static class HeadRequests
{
    private static readonly object Mark = new();

    /// <summary>Before routing, which knows the routes by GET.</summary>
    public static void Begin(HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Items[Mark] = Mark;
            http.Request.Method = HttpMethods.Get; // Kestrel goes on knowing what came, and sends no body
        }
    }

    /// <summary>Whether nobody will read the body; an answer that does not end must not be begun.</summary>
    public static bool IsHead(HttpContext http) => http.Items.ContainsKey(Mark);

    /// <summary>Routing names the methods that it knows.</summary>
    public static void Allow(HttpContext http)
    {
        var allowed = http.Response.Headers.Allow.ToString().Split(',', StringSplitOptions.TrimEntries);
        if (allowed.Contains(HttpMethods.Get))
        {
            http.Response.Headers.Allow = string.Join(", ", allowed.Append(HttpMethods.Head).Order(StringComparer.Ordinal));
        }
    }
}
