using CarbonLedger.Core.Trades;
using CarbonLedger.Server.Bulk;
using CarbonLedger.Server.Http;
using NodaTime.Text;

namespace CarbonLedger.Server.Reconciliations;

/// <summary>A venue's own list of the trades of one day, read from its file. What is wrong with a row is said of that row; the others are compared.</summary>
public sealed class TradeList
{
    public static readonly IReadOnlyList<string> Columns = ["tradeNumber", "kilograms", "voucher", "pricePerTonne", "amount", "sellerAccountId", "buyerAccountId", "tradedAt", "status"];

    public static readonly IReadOnlyList<string> Required = ["tradeNumber", "kilograms"];

    private const int NumberCharactersMax = 64;

    private static readonly Dictionary<string, string> ChineseColumns = new(StringComparer.Ordinal)
    {
        ["成交编号"] = "tradeNumber",
        ["数量（千克）"] = "kilograms",
        ["碳票"] = "voucher",
        ["单价（元/吨）"] = "pricePerTonne",
        ["成交金额（元）"] = "amount",
        ["卖方账户"] = "sellerAccountId",
        ["买方账户"] = "buyerAccountId",
        ["成交时间"] = "tradedAt",
        ["状态"] = "status",
    };

    /// <summary>A row without a voucher has the kilograms of all of its trade's.</summary>
    private const long KilogramsPerTradeMax = Line.LinesPerCommandMax * SerialRange.SerialMax;

    private readonly Dictionary<string, ListedTrade> trades = new(StringComparer.Ordinal);
    private readonly List<ListFaultWire> faults = [];
    private readonly LocalDate date;
    private readonly bool namesVouchers;

    /// <exception cref="BadInputException">The file as a whole cannot be read.</exception>
    public TradeList(ReadOnlySpan<byte> bytes, LocalDate date)
    {
        this.date = date;
        var file = new BulkFile(bytes, Columns, Required, ChineseColumns, mayBeEmpty: true);
        namesVouchers = file.Has("voucher");
        Compared = [.. Columns.Where(c => c != "tradeNumber" && file.Has(c))];
        Rows = file.Count;
        foreach (var row in file.Rows())
        {
            Add(row);
        }
    }

    public int Rows { get; }

    /// <summary>The columns of this file that are held against the register.</summary>
    public IReadOnlyList<string> Compared { get; }

    /// <summary>By the venue's number.</summary>
    public IReadOnlyDictionary<string, ListedTrade> Trades => trades;

    /// <summary>The first of them; the rest is only counted.</summary>
    public IReadOnlyList<ListFaultWire> Faults => faults;

    public int FaultsCount { get; private set; }

    /// <summary>True when a voucher is named by a serial text, so that the register's own are needed.</summary>
    public bool NamesSerials => trades.Values.Any(t => t.Lines.Any(l => l.Voucher?.Serial is not null));

    private void Add(BulkRow row)
    {
        var before = FaultsCount;
        if (row.Cells is null)
        {
            Fault(row, null, EdgeProblem.CsvRowMalformed, $"The row cannot be read: {row.Fault}.");
            Spoil(row);
            return;
        }

        var number = Cell(row, "tradeNumber", c => row.Verbatim(c) is { } text ? Input.Text(text, c, NumberCharactersMax) : throw Empty(c));
        var line = new ListedLine(
            Cell(row, "voucher", c => row.Code(c) is { } text ? VoucherOf(text) : namesVouchers ? throw Empty(c) : null),
            Cell(row, "kilograms", c => Input.Kilograms(row.Whole(c) ?? throw Empty(c), c, namesVouchers ? SerialRange.SerialMax : KilogramsPerTradeMax)),
            Cell(row, "pricePerTonne", c => row.Code(c) is { } text ? PricePerTonne.Parse(text) ?? throw Malformed($"{c} is not a price such as 41.94, above 0 and with at most four decimals") : (PricePerTonne?)null),
            Cell(row, "amount", c => row.Code(c) is { } text ? Money.Parse(text) ?? throw Malformed($"{c} is not an amount such as 503280.00") : (Money?)null));
        var trade = new ListedTrade(row.Number, number ?? "")
        {
            Seller = Cell(row, "sellerAccountId", c => row.OptionalId(c) is { } id ? new AccountId(id) : (AccountId?)null),
            Buyer = Cell(row, "buyerAccountId", c => row.OptionalId(c) is { } id ? new AccountId(id) : (AccountId?)null),
            TradedAt = Cell(row, "tradedAt", c => row.Code(c) is { } text ? TimeOf(text) : (Instant?)null),
            Status = Cell(row, "status", c => row.Code(c) is null ? (TradeStatus?)null : row.Word<TradeStatus>(c)),
        };
        if (number is not null)
        {
            Add(row, trade, line, FaultsCount > before);
        }
    }

    private void Add(BulkRow row, ListedTrade trade, ListedLine line, bool isFaulty)
    {
        if (!trades.TryGetValue(trade.Number, out var known))
        {
            trades.Add(trade.Number, known = trade);
        }
        else if (!namesVouchers || (line.Voucher is { } voucher && known.Lines.Exists(l => l.Voucher!.Id == voucher.Id && l.Voucher.Serial == voucher.Serial)))
        {
            Fault(row, "tradeNumber", EdgeProblem.CsvRowRepeated, $"Trade {trade.Number} stands in row {known.Row} already{(namesVouchers ? " with this voucher" : "")}. A trade of several vouchers has a row for each, and a column voucher.");
            isFaulty = true;
        }
        else if (known.Lines.Count == Line.LinesPerCommandMax)
        {
            Fault(row, "tradeNumber", EdgeProblem.ValueOutOfRange, $"tradeNumber stands in more than {Line.LinesPerCommandMax} rows; a trade has at most so many vouchers.");
            isFaulty = true;
        }
        else if (known.ContradictedBy(trade) is { } column)
        {
            Fault(row, column, EdgeProblem.CsvRowMalformed, $"The row cannot be read: {column} is another than in a row before it, and both are of trade {trade.Number}.");
            isFaulty = true;
        }

        known.IsFaulty |= isFaulty;
        if (!isFaulty)
        {
            known.Fill(trade);
            known.Lines.Add(line);
        }
    }

    /// <summary>The trade of a row that cannot be read stands in the list all the same; it is not missing there.</summary>
    private void Spoil(BulkRow row)
    {
        if (row.Remaining("tradeNumber") is not { Length: <= NumberCharactersMax } number)
        {
            return;
        }

        if (!trades.TryGetValue(number, out var known))
        {
            trades.Add(number, known = new ListedTrade(row.Number, number));
        }

        known.IsFaulty = true;
    }

    private T? Cell<T>(BulkRow row, string column, Func<string, T?> read)
    {
        try
        {
            return read(column);
        }
        catch (BadInputException e)
        {
            Fault(row, column, e.Problem, e.Message);
            return default;
        }
    }

    private void Fault(BulkRow row, string? column, EdgeProblem problem, string detail)
    {
        FaultsCount++;
        if (faults.Count < ReadQuestion.LimitMax)
        {
            faults.Add(new ListFaultWire { Row = row.Number, Column = column, Code = problem.Code, Detail = detail });
        }
    }

    private static ListedVoucher VoucherOf(string text) =>
        Guid.TryParseExact(text, "D", out var id) ? new ListedVoucher(new VoucherId(id), null, text)
        : SerialText.Parse(text) is { } serial ? new ListedVoucher(null, serial.Prefix, text)
        : throw new BadInputException(EdgeProblem.SerialMalformed, "voucher is neither an id (a UUID) nor a canonical serial text whose check characters hold.");

    /// <summary>A time names its offset: one without would be read here as it was not meant there.</summary>
    private Instant TimeOf(string text)
    {
        if (IsoText.TimeOf(text) is not { } local)
        {
            throw Malformed("tradedAt is not a time such as 2021-08-20T02:00:00Z or 2021-08-20T10:00:00+08:00");
        }

        if (local.Year == 9999)
        {
            // With another offset it may lie in the year 10000, which no instant and no date can say.
            throw Input.OutOfRange("tradedAt", $"lies in the year 9999, and the list is of {date:uuuu-MM-dd}");
        }

        var time = local.ToInstant();
        return RegistryCalendar.DateOf(time) == date
            ? time
            : throw Input.OutOfRange("tradedAt", $"lies on {RegistryCalendar.DateOf(time):uuuu-MM-dd} in Asia/Shanghai, and the list is of {date:uuuu-MM-dd}");
    }

    private static BadInputException Empty(string column) => Malformed($"{column} is empty");

    private static BadInputException Malformed(string fault) => new(EdgeProblem.CsvRowMalformed, $"The row cannot be read: {fault}.");
}
