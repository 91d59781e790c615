using Microsoft.Playwright;

namespace CarbonLedger.Server.Tests.Browser;

/// <summary>One Chromium for all tests of a class, and the folder in the test's output that holds what it saw.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    /// <summary>The narrowest telephone that pages must fit.</summary>
    public const int PhoneWidth = 320;

    /// <summary>A4 less its margins, at 96 dots per inch.</summary>
    public const int PaperWidth = 718;

    private IPlaywright? playwright;
    private IBrowser? browser;

    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "browser")).FullName;

    public async Task InitializeAsync()
    {
        if (Chromium.Path is { } path)
        {
            playwright = await Playwright.CreateAsync();
            browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [] });
        }
    }

    /// <summary>Opens a page. It must answer 200 and raise no error in the browser's console.</summary>
    public async Task<IPage> OpenAsync(Uri url, int width, string locale = "zh-CN")
    {
        var page = await browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, Locale = locale, DeviceScaleFactor = 2 });
        var errors = new List<string>();
        page.Console += (_, m) => { if (m.Type == "error" && !m.Location.Contains("favicon", StringComparison.Ordinal)) errors.Add(m.Text); };
        var response = await page.GotoAsync(url.ToString(), new() { Timeout = 90_000 }); // other work on the machine is no fault of the page
        Assert.Equal(200, response!.Status);
        Assert.Empty(errors);
        return page;
    }

    /// <summary>Takes a picture of the whole page, and checks that nothing sticks out sideways.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
        var wide = await page.EvaluateAsync<string[]>(
            """
            () => {
                const width = document.documentElement.clientWidth;
                const inScroller = e => { for (let p = e.parentElement; p; p = p.parentElement) if (/(auto|scroll|hidden|clip)/.test(getComputedStyle(p).overflowX)) return true; return false; };
                const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > width + 1 && !inScroller(e)).map(e => e.outerHTML.slice(0, 120));
                return document.documentElement.scrollWidth > width ? [`the page is ${document.documentElement.scrollWidth} wide`, ...out] : out;
            }
            """);
        Assert.True(wide.Length == 0, $"{name} is wider than its window:\n{string.Join('\n', wide)}");
    }

    /// <summary>Takes a picture of the page as paper has it.</summary>
    public static async Task PaperPictureAsync(IPage page, string name)
    {
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await PictureAsync(page, name + "-a4");
        await page.EmulateMediaAsync(new() { Media = Media.Null });
    }

    /// <summary>Prints on A4 and returns how many sheets it took.</summary>
    public static async Task<int> PrintAsync(IPage page, string name)
    {
        var pdf = await page.PdfAsync(new() { Path = Path.Combine(Folder, name + ".pdf"), PreferCSSPageSize = true, PrintBackground = true });
        return System.Text.RegularExpressions.Regex.Count(System.Text.Encoding.Latin1.GetString(pdf), @"/Type\s*/Page\b(?!s)");
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
    }
}
