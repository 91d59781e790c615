using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>The guide is run as a reader would run it: its blocks, in order, in one shell.</summary>
public sealed partial class GuideSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task The_guide_of_the_zero_carbon_office_works_as_it_stands()
    {
        var blocks = Block().Matches(await File.ReadAllTextAsync(PathOf("docs/guides/zero-carbon-office.md"))).Select(m => m.Groups[1].Value).ToArray();
        Assert.True(blocks.Length >= 9);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", string.Concat(blocks)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BASE"] = Fixture.Server.Url.ToString().TrimEnd('/');
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var shell = Process.Start(start)!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();

        Assert.True(shell.ExitCode == 0, $"exit code {shell.ExitCode}\n{await output}\n{await errors}");
    }

    private static string PathOf(string page)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CarbonLedger.sln")))
        {
            folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))!;
        }

        return Path.Combine(folder, page);
    }

    [GeneratedRegex("^```bash\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
