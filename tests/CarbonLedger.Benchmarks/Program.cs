using CarbonLedger.Benchmarks;

if (args.Contains("--help"))
{
    Console.WriteLine(Options.Usage);
    return 0;
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The load driver uses epoll and /proc: run it on Linux.");
    return 2;
}

return await BenchmarkRun.RunAsync(Options.Parse(args)) ? 0 : 1;
