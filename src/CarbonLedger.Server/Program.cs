return await CarbonLedger.Server.LedgerServer.RunAsync(args);
