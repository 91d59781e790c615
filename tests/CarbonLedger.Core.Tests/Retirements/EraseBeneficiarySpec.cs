using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Retirements;

public sealed class EraseBeneficiarySpec
{
    private static readonly EraseBeneficiary Erase = new(Use, ErasureReason.PersonsRequest);

    [Fact]
    public void The_holder_erases_the_name_and_the_retirement_stands() =>
        Given(Issued(100), RetiredForName(Owner, All(30)))
            .When(Erase, As(Forest))
            .ThenAccepted(new RetirementEvent.BeneficiaryErased(Use, ErasureReason.PersonsRequest))
            .ThenStands<RetirementState>(Use.Value, r => Assert.Equal((true, Document), (r.NameErased, r.Beneficiary.NameSha256)))
            .ThenHolds(Owner, owned: 70, free: 70);

    [Fact]
    public void The_registrar_erases_it_too() => Given(Issued(100), RetiredForName(Owner, All(30))).When(Erase, AsBureau).ThenAccepted();

    [Fact]
    public void A_closed_account_does_not_keep_a_name() =>
        Given(Issued(100), RetiredForName(Owner, All(100)), Closed(Owner)).When(Erase, As(Forest)).ThenAccepted();

    [Fact]
    public void Nobody_else_erases_it() =>
        Given(Issued(100), RetiredForName(Owner, All(30)))
            .When(Erase, As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Erasing a beneficiary's name", $"the holder of account {Owner}"));

    [Fact]
    public void The_retirement_exists() => Given(Issued(100)).When(Erase).ThenRefused(new Refusal.RetirementNotFound(Use));

    [Fact]
    public void An_organization_is_not_erased() =>
        Given(Issued(100), Retired(Owner, All(30))).When(Erase).ThenRefused(new Refusal.BeneficiaryNotAName(Use));

    [Fact]
    public void A_name_is_erased_once() =>
        Given(Issued(100), RetiredForName(Owner, All(30)), Done(Erase)).When(Erase).ThenRefused(new Refusal.BeneficiaryErased(Use));
}
