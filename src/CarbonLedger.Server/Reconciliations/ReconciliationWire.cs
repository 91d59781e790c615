namespace CarbonLedger.Server.Reconciliations;

/// <summary>A venue's own list of one day held against the register. Nothing was changed by it.</summary>
public sealed record ReconciliationWire
{
    /// <summary>The venue.</summary>
    public required OrganizationId VenueId { get; init; }

    /// <summary>The day, by the trade time in Asia/Shanghai.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>The log position that the register's side reflects.</summary>
    /// <example>42</example>
    public required long LogIndex { get; init; }

    /// <summary>True when nothing is missing, extra, different or unreadable.</summary>
    public required bool Agrees { get; init; }

    /// <summary>The columns of the list that were compared. What it does not have was not.</summary>
    public required IReadOnlyList<string> Compared { get; init; }

    /// <summary>The list as it was read.</summary>
    public required ListedTotalsWire Listed { get; init; }

    /// <summary>The trades of the day that the register has as registered or settled.</summary>
    public required RegisteredTotalsWire Registered { get; init; }

    /// <summary>Trades of the day that were voided or whose hold ran out. They need not be listed.</summary>
    /// <example>0</example>
    public required int Ended { get; init; }

    /// <summary>Trades that agree in everything that was compared.</summary>
    /// <example>250</example>
    public required int Matched { get; init; }

    /// <summary>Trades with a row that cannot be read; they were compared with nothing.</summary>
    /// <example>0</example>
    public required int NotCompared { get; init; }

    /// <summary>Registered or settled in the register on this day, and not in the list.</summary>
    public required MissingTradesWire Missing { get; init; }

    /// <summary>In the list, and not in the register on this day.</summary>
    public required ExtraTradesWire Extra { get; init; }

    /// <summary>In both, and not the same.</summary>
    public required DifferentTradesWire Different { get; init; }

    /// <summary>Rows that cannot be read.</summary>
    public required ListFaultsWire Errors { get; init; }
}

/// <summary>What the list adds up to.</summary>
public sealed record ListedTotalsWire
{
    /// <summary>Rows below the header, empty ones not counted.</summary>
    /// <example>250</example>
    public required int Rows { get; init; }

    /// <summary>Trades that could be read.</summary>
    /// <example>250</example>
    public required int Trades { get; init; }

    /// <summary>Their kilograms.</summary>
    /// <example>12000000</example>
    public required long Kilograms { get; init; }

    /// <summary>Their amount in CNY; absent unless every row names one.</summary>
    public Money? Amount { get; init; }
}

/// <summary>What the register's trades of the day add up to.</summary>
public sealed record RegisteredTotalsWire
{
    /// <summary>How many trades.</summary>
    /// <example>250</example>
    public required int Trades { get; init; }

    /// <summary>Their kilograms.</summary>
    /// <example>12000000</example>
    public required long Kilograms { get; init; }

    /// <summary>Their amount in CNY.</summary>
    public required Money Amount { get; init; }
}

/// <summary>Trades that the list lacks: how many, what they add up to, and the first of them by number.</summary>
public sealed record MissingTradesWire
{
    /// <summary>All of them.</summary>
    public required int Count { get; init; }

    /// <summary>The kilograms of all of them.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The amount of all of them in CNY.</summary>
    public required Money Amount { get; init; }

    /// <summary>The first ones by trade number, at most <c>limit</c>.</summary>
    public required IReadOnlyList<MissingTradeWire> Items { get; init; }
}

/// <summary>A trade that the list lacks.</summary>
public sealed record MissingTradeWire
{
    /// <summary>The venue's number.</summary>
    public required string TradeNumber { get; init; }

    /// <summary>The trade.</summary>
    public required Guid TradeId { get; init; }

    /// <summary>Its kilograms.</summary>
    public required long Kilograms { get; init; }

    /// <summary>Its amount in CNY.</summary>
    public required Money Amount { get; init; }

    /// <summary><c>registered</c> or <c>settled</c>.</summary>
    public required string Status { get; init; }
}

/// <summary>Trades that the register lacks: how many, and the first of them by row.</summary>
public sealed record ExtraTradesWire
{
    /// <summary>All of them.</summary>
    public required int Count { get; init; }

    /// <summary>The kilograms of all of them.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The first ones by row, at most <c>limit</c>.</summary>
    public required IReadOnlyList<ExtraTradeWire> Items { get; init; }
}

/// <summary>A trade that the register does not have on this day.</summary>
public sealed record ExtraTradeWire
{
    /// <summary>Its first row; 1 is the first row below the header, and empty rows do not count.</summary>
    public required int Row { get; init; }

    /// <summary>The number that the list gives.</summary>
    public required string TradeNumber { get; init; }

    /// <summary>The kilograms that the list gives.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The amount that the list gives, in CNY.</summary>
    public Money? Amount { get; init; }

    /// <summary>Where the register has this number on another day: that day.</summary>
    public LocalDate? RegisteredOn { get; init; }

    /// <summary>And the trade that has it.</summary>
    public Guid? TradeId { get; init; }
}

/// <summary>Trades that are not the same on both sides: how many, and the first of them by number.</summary>
public sealed record DifferentTradesWire
{
    /// <summary>All of them.</summary>
    public required int Count { get; init; }

    /// <summary>The first ones by trade number, at most <c>limit</c>.</summary>
    public required IReadOnlyList<DifferentTradeWire> Items { get; init; }
}

/// <summary>A trade that is not the same on both sides.</summary>
public sealed record DifferentTradeWire
{
    /// <summary>Its first row; 1 is the first row below the header, and empty rows do not count.</summary>
    public required int Row { get; init; }

    /// <summary>The venue's number.</summary>
    public required string TradeNumber { get; init; }

    /// <summary>The trade.</summary>
    public required Guid TradeId { get; init; }

    /// <summary>What differs.</summary>
    public required IReadOnlyList<DifferenceWire> Differences { get; init; }
}

/// <summary>One thing that differs.</summary>
public sealed record DifferenceWire
{
    /// <summary>The column: <c>kilograms</c>, <c>voucher</c>, <c>pricePerTonne</c>, <c>amount</c>, <c>sellerAccountId</c>, <c>buyerAccountId</c>, <c>tradedAt</c> or <c>status</c>.</summary>
    /// <example>kilograms</example>
    public required string Member { get; init; }

    /// <summary>The voucher it is about, where the list has a row for each.</summary>
    public VoucherId? VoucherId { get; init; }

    /// <summary>What the list says; absent where it says nothing.</summary>
    /// <example>6000000</example>
    public string? Theirs { get; init; }

    /// <summary>What the register says; absent where it has nothing.</summary>
    /// <example>6000001</example>
    public string? Ours { get; init; }
}

/// <summary>Rows that cannot be read: how many faults, and the first of them.</summary>
public sealed record ListFaultsWire
{
    /// <summary>All of them.</summary>
    public required int Count { get; init; }

    /// <summary>The first ones by row, at most <c>limit</c>.</summary>
    public required IReadOnlyList<ListFaultWire> Items { get; init; }
}

/// <summary>What is wrong with a row.</summary>
public sealed record ListFaultWire
{
    /// <summary>1 is the first row below the header; empty rows do not count.</summary>
    public required int Row { get; init; }

    /// <summary>The column; absent when the row as a whole cannot be read.</summary>
    public string? Column { get; init; }

    /// <summary>A code of <c>/problems/{code}</c>.</summary>
    /// <example>csv-row-malformed</example>
    public required string Code { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Detail { get; init; }
}
