using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Bulk;

/// <summary>What the rows of a file are: its columns, and what an endpoint makes of a row. A row says what a request of its own would say.</summary>
public sealed record BulkKind(string Name, IReadOnlyList<string> Columns, IReadOnlyList<string> Required, Func<BulkRow, Posted> Post)
{
    public static readonly BulkKind Transfers = new(
        "transfers",
        ["fromAccountId", "toAccountId", "voucherId", "kilograms", "first", "last", "reason"],
        ["fromAccountId", "toAccountId", "voucherId"],
        row => TransferEndpoints.Transfer(new TransferPost
        {
            FromAccountId = new AccountId(row.Id("fromAccountId")),
            ToAccountId = new AccountId(row.Id("toAccountId")),
            Lines = [row.Line()],
            Reason = row.Text("reason"),
        }));

    public static readonly BulkKind Retirements = new(
        "retirements",
        [
            "accountId", "voucherId", "kilograms", "first", "last", "beneficiaryOrganizationId", "beneficiaryName", "consentSha256", "consentDate",
            "publicationDate", "purpose", "claimFirst", "claimLast", "statement", "statementZh", "statementEn",
        ],
        ["accountId", "voucherId", "purpose", "claimFirst", "claimLast"],
        row => RetirementEndpoints.Retire(new RetirementPost
        {
            AccountId = new AccountId(row.Id("accountId")),
            Lines = [row.Line()],
            Beneficiary = new BeneficiaryPost
            {
                OrganizationId = row.OptionalId("beneficiaryOrganizationId") is { } id ? new OrganizationId(id) : null,
                Name = row.Text("beneficiaryName"),
                Consent = (row.Code("consentSha256"), row.OptionalDate("consentDate")) switch
                {
                    (null, null) => null,
                    ({ } hash, { } date) => new ConsentWire { DocumentSha256 = hash, Date = date },
                    _ => throw new BadInputException(EdgeProblem.CsvRowMalformed, "The row cannot be read: consentSha256 and consentDate come together."),
                },
                PublicationDate = row.OptionalDate("publicationDate"),
            },
            Purpose = row.Word<RetirementPurpose>("purpose"),
            ClaimPeriod = new PeriodWire { First = row.Date("claimFirst"), Last = row.Date("claimLast") },
            Statement = (row.Text("statement"), row.Text("statementZh"), row.Text("statementEn")) switch
            {
                (null, null, null) => null,
                ({ } text, null, null) => new StatementWire(text, null, null),
                (null, var zh, var en) => new StatementWire(null, zh, en),
                _ => throw new BadInputException(EdgeProblem.CsvRowMalformed, "The row cannot be read: statement, or statementZh and statementEn, not both."),
            },
        }));
}
