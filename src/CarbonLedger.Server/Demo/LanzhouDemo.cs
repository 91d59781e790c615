namespace CarbonLedger.Server.Demo;
public static class LanzhouDemo { public static Task PlayAsync(Uri url, TextWriter output) => Task.CompletedTask; }
