using System.Reflection;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace CarbonLedger.Server.Pages;

/// <summary>The page behind every problem's <c>type</c>: what happened, and what to do.</summary>
public static class ProblemPages
{
    private const string Prefix = "CarbonLedger.Server.Problems.";

    private const string List = "CarbonLedger.Server.ProblemList.md";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();

    private static readonly Dictionary<string, string> Pages = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(n => n[Prefix.Length..^".md".Length], Render, StringComparer.Ordinal);

    private static readonly string Index = Render(List);

    /// <summary>Codes that have a page.</summary>
    public static IReadOnlyCollection<string> Codes => Pages.Keys;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/problems", (HttpContext http) => Show(http, Index)).ExcludeFromDescription();
        routes.MapGet("/problems/{code}", (HttpContext http, string code) => Show(http, Pages.GetValueOrDefault(code))).ExcludeFromDescription();
    }

    private static IResult Show(HttpContext http, string? page)
    {
        PageEndpoint.Guard(http);
        return page is null ? Results.NotFound() : Results.Content(page, "text/html; charset=utf-8");
    }

    private static string Render(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        var markdown = reader.ReadToEnd();
        var title = markdown.Split('\n', 2)[0].TrimStart('#', ' ');
        return $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{title}}</title>
            <style>body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;overflow-wrap:anywhere}code{background:#eef2ee;padding:.1em .3em}pre{overflow-x:auto}</style></head>
            <body><p><a href="/"><span lang="zh-CN">碳票登记簿</span> Register</a> · <a href="/swagger">API</a> · <a href="/problems">Problems</a></p><main>{{Html(markdown)}}</main></body></html>
            """;
    }

    /// <summary>In the repository a link leads to a file. Here it leads to what the server serves: the page of another code, or the description of the routes.</summary>
    private static string Html(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = link.Url switch
            {
                { } url when url.TrimStart('.', '/').StartsWith("http.md", StringComparison.Ordinal) => "/swagger",
                { } url when url.StartsWith("problems/", StringComparison.Ordinal) => $"/{url[..^".md".Length]}",
                { } url when url.EndsWith(".md", StringComparison.Ordinal) && !url.Contains('/') => $"/problems/{url[..^".md".Length]}",
                var other => other,
            };
        }

        return document.ToHtml(Pipeline);
    }
}
