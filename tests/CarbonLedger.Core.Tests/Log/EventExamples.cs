namespace CarbonLedger.Core.Tests.Log;

/// <summary>One example of every event with every member present, and one with the optional members absent.</summary>
internal static class EventExamples
{
    private static readonly DatePeriod Period = new(new LocalDate(2016, 3, 1), new LocalDate(2020, 2, 29));
    private static readonly SerialRanges Some = Serials((1, 10), (21, 3_885_080));
    private static readonly ApplicationContent Content = new(["620171-001", "620171-002"], Period, Kg(3_885_080), new Verification(Verifier, Today, Document));
    private static readonly MarginCallId Call = new(Id(0xB0, 1));
    private static readonly MarginRunId Run = new(Id(0xB1, 1));
    private static readonly PriceQuote Quoted = new(ValuationRule.LastTrade, Price(40m), "T-1", Today, ValuationRule.Average);
    private static readonly Valuation Worth = new(Price(41.9375m), "兰州环境能源交易中心", Today);

    private static readonly UsedFactor Chosen = new(GansuNext, FactorChoice.StatedRegion, true, "supplied from there");
    private static readonly InventoryLine FullLine = new("gridElectricity", "620000", 2021, 1_000_000.5m, "kWh", 2, 0.74m, 1m, Chosen, Chosen with { Choice = FactorChoice.NationalFallback }, Document, "电费单");
    private static readonly InventoryContent FullCount = new(Scope2Method.MarketBased, [FullLine], ["GEC-1"]);
    private static readonly InventoryContent BareCount = new(
        Scope2Method.LocationBased, [FullLine with { Region = null, Density = null, MarketFactor = null, EvidenceSha256 = null, Note = null, Factor = Chosen with { Reason = null } }], []);
    private static readonly ClaimPart Backed = new(Use, 1, 10, [new VoucherKilograms(FirstVoucher, Kg(10))]);

    /// <summary>The file's name without <c>.json</c>, and the event. A name is the type, with <c>.absent</c> where optional members are left out.</summary>
    public static IReadOnlyDictionary<string, LedgerEvent> All { get; } = new Dictionary<string, LedgerEvent>
    {
        ["organization_registered"] = new OrganizationEvent.OrganizationRegistered(Group, "城市发展投资集团 \"A&B\" <1>", "91620100MA", Enum.GetValues<Role>()),
        ["organization_registered.absent"] = new OrganizationEvent.OrganizationRegistered(Group, "group", null, [Role.Office]),
        ["account_opened"] = new AccountEvent.AccountOpened(Owner, Forest, "主账户"),
        ["account_closed"] = new AccountEvent.AccountClosed(Owner, "merged"),
        ["account_closed.absent"] = new AccountEvent.AccountClosed(Owner, null),
        ["project_registered"] = new ProjectEvent.ProjectRegistered(Woods, 42, "生态林", "SLCT", Forest, "620171", "GS-FORESTRY-01", Parcels),
        ["application_drafted"] = new ApplicationEvent.ApplicationDrafted(Form(1), Woods, Forest, Content),
        ["application_corrected"] = new ApplicationEvent.ApplicationCorrected(Form(1), Content),
        ["application_submitted"] = new ApplicationEvent.ApplicationSubmitted(Form(1), "complete"),
        ["application_submitted.absent"] = new ApplicationEvent.ApplicationSubmitted(Form(1), null),
        ["correction_requested"] = new ApplicationEvent.CorrectionRequested(Form(1), "map missing"),
        ["correction_requested.absent"] = new ApplicationEvent.CorrectionRequested(Form(1), null),
        ["application_reviewed"] = new ApplicationEvent.ApplicationReviewed(Form(1), "in order"),
        ["application_reviewed.absent"] = new ApplicationEvent.ApplicationReviewed(Form(1), null),
        ["application_approved"] = new ApplicationEvent.ApplicationApproved(Form(1), "审定"),
        ["application_approved.absent"] = new ApplicationEvent.ApplicationApproved(Form(1), null),
        ["application_filed"] = new ApplicationEvent.ApplicationFiled(Form(1), "备案"),
        ["application_filed.absent"] = new ApplicationEvent.ApplicationFiled(Form(1), null),
        ["application_rejected"] = new ApplicationEvent.ApplicationRejected(Form(1), "no forest there"),
        ["application_rejected.absent"] = new ApplicationEvent.ApplicationRejected(Form(1), null),
        ["application_withdrawn"] = new ApplicationEvent.ApplicationWithdrawn(Form(1), "sold"),
        ["application_withdrawn.absent"] = new ApplicationEvent.ApplicationWithdrawn(Form(1), null),
        ["application_issued"] = new ApplicationEvent.ApplicationIssued(Form(1), FirstVoucher),
        ["voucher_issued"] = new VoucherEvent.VoucherIssued(
            FirstVoucher, Form(1), Woods, new SerialPrefix("620171", "SLCT", 42, 2020, 1), Kg(3_885_080), Period, ["620171-001", "620171-002"], Owner, "兰碳-2021-1"),
        ["voucher_issued.absent"] = new VoucherEvent.VoucherIssued(
            FirstVoucher, Form(1), Woods, new SerialPrefix("620171", "SLCT", 42, 2020, 1), Kg(1), Period, ["620171-001"], Owner, null),
        ["units_transferred.trade"] = new VoucherEvent.UnitsTransferred(FirstVoucher, TransferId.At(1234, FirstVoucher), null, Owner, Buyer, Some, "gift"),
        ["units_transferred"] = new VoucherEvent.UnitsTransferred(FirstVoucher, TransferId.At(1234, FirstVoucher), Deal, Owner, Buyer, Some, "auction", Lien),
        ["units_transferred.absent"] = new VoucherEvent.UnitsTransferred(FirstVoucher, null, Deal, Owner, Buyer, Serials((1, 1)), null),
        ["units_pledged.exclusive"] = new VoucherEvent.UnitsPledged(FirstVoucher, Lien, Buyer, Some),
        ["units_released"] = new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Some),
        ["units_retired"] = new VoucherEvent.UnitsRetired(FirstVoucher, Use, Buyer, Some),
        ["trade_settled"] = new TradeEvent.TradeSettled(
            Deal,
            Exchange,
            "T-1",
            Owner,
            Buyer,
            [new(FirstVoucher, Serials((1, 7_000_000)), Price(41.94m), Yuan(293_580m)), new(SecondVoucher, Serials((1, 5_000_000)), Price(41.94m), Yuan(209_700m))],
            Yuan(503_280m),
            Instant.FromUnixTimeTicks(16_316_784_001_234_560)),
        ["trade_registered"] = new TradeEvent.TradeRegistered(
            Deal, Exchange, "T-1", Owner, Buyer, [new(FirstVoucher, Some, Price(41.94m), Yuan(162_940.25m))], Yuan(162_940.25m), Instant.FromUtc(2021, 9, 15, 3, 0), Instant.FromUtc(2021, 9, 22, 4, 0)),
        ["trade_voided"] = new TradeEvent.TradeVoided(Deal, "未付款"),
        ["trade_voided.absent"] = new TradeEvent.TradeVoided(Deal, null),
        ["trade_expired"] = new TradeEvent.TradeExpired(Deal),
        ["pledge_registered.exclusive"] = new PledgeEvent.PledgeRegistered(
            Lien, Buyer, Bank, [new(FirstVoucher, Some), new(SecondVoucher, Serials((1, 1)))], Yuan(495_000m), "LZXQ-2021-1", "F-1", new DatePeriod(Today, Today.PlusYears(1)), Worth),
        ["pledge_registered.absent"] = new PledgeEvent.PledgeRegistered(
            Lien, Buyer, Bank, [new(FirstVoucher, Serials((1, 1)))], Yuan(1m), "LZXQ-2021-1", null, new DatePeriod(Today, Today), Worth),
        ["pledge_registered"] = new PledgeEvent.PledgeRegistered(
            Lien, Buyer, Bank, [new(FirstVoucher, Some)], Yuan(495_000m), "LZXQ-2021-1", "F-1", new DatePeriod(Today, Today.PlusYears(1)), Worth,
            PledgeMode.Ranked, SecondLien, Instant.FromUtc(2021, 9, 22, 4, 0), new PledgeContract(Group, "loan", [SecuredPart.Principal, SecuredPart.Interest], [Document])),
        ["pledge_released"] = new PledgeEvent.PledgeReleased(Lien, [new(FirstVoucher, Some)], ReleaseReason.Enforced, Yuan(12.34m)),
        ["pledge_released.principal"] = new PledgeEvent.PledgeReleased(Lien, [new(FirstVoucher, Some)], ReleaseReason.Enforced, Yuan(12.34m), Yuan(10m)),
        ["reservation_registered"] = new PledgeEvent.ReservationRegistered(Lien, "F-2"),
        ["reservation_registered.absent"] = new PledgeEvent.ReservationRegistered(Lien, null),
        ["reservation_expired"] = new PledgeEvent.ReservationExpired(Lien),
        ["pledge_substituted"] = new PledgeEvent.PledgeSubstituted(Lien, [new(SecondVoucher, Some)], [new(FirstVoucher, Some)], "agreed"),
        ["pledge_substituted.absent"] = new PledgeEvent.PledgeSubstituted(Lien, [new(SecondVoucher, Some)], [new(FirstVoucher, Some)], null),
        ["default_notified"] = new PledgeEvent.DefaultNotified(Lien, Today, "not repaid"),
        ["pledge_enforced"] = new PledgeEvent.PledgeEnforced(
            Lien, [new(FirstVoucher, Some)], EnforcementMethod.ToLender, Other, Price(41.94m), new MarketPrice(Price(41.94m), Exchange, Today), Yuan(162_940.25m), Yuan(940.25m),
            [new(Lien, 1, Yuan(100_000m), Yuan(100_000m), Debt), new(SecondLien, 2, Yuan(70_000m), Yuan(62_000m), null)], Money.Zero, "agreement"),
        ["pledge_enforced.loan"] = new PledgeEvent.PledgeEnforced(
            Lien, [new(FirstVoucher, Some)], EnforcementMethod.ToLender, Other, Price(41.94m), new MarketPrice(Price(41.94m), Exchange, Today), Yuan(162_940.25m), Yuan(940.25m),
            [new(Lien, 1, Yuan(100_000m), Yuan(100_000m), Debt, Yuan(98_000m)), new(SecondLien, 2, Yuan(70_000m), Yuan(62_000m), Debt, null, Yuan(6_000m))], Money.Zero, "agreement"),
        ["pledge_enforced.absent"] = new PledgeEvent.PledgeEnforced(
            Lien, [new(FirstVoucher, Some)], EnforcementMethod.Auction, Other, Price(41.94m), null, Yuan(162_940.25m), Money.Zero, [new(Lien, 1, Yuan(1m), Yuan(1m), null)], Yuan(162_939.25m), null),
        ["pledge_voided"] = new PledgeEvent.PledgeVoided(Lien, "人民法院", "D-3", "void"),
        ["pledge_voided.absent"] = new PledgeEvent.PledgeVoided(Lien, "人民法院", "D-3", null),
        ["pledge_released.repaid"] = new PledgeEvent.PledgeReleased(Lien, [new(FirstVoucher, Some)], ReleaseReason.Substituted),
        ["pledge_secured_loan"] = new PledgeEvent.PledgeSecuredLoan(Lien, Debt),
        ["units_pledged"] = new VoucherEvent.UnitsPledged(FirstVoucher, SecondLien, Buyer, Some, PledgeMode.Ranked, Lien),
        ["units_held"] = new VoucherEvent.UnitsHeld(FirstVoucher, Deal, Buyer, Some),
        ["hold_ended"] = new VoucherEvent.HoldEnded(FirstVoucher, Deal, Buyer, Some),
        ["units_delivered"] = new VoucherEvent.UnitsDelivered(FirstVoucher, Deal, Owner, Buyer, Some),
        ["units_frozen"] = new VoucherEvent.UnitsFrozen(FirstVoucher, Stop, Buyer, Some),
        ["units_unfrozen"] = new VoucherEvent.UnitsUnfrozen(FirstVoucher, Stop, Buyer, Some),
        ["account_frozen"] = new AccountEvent.AccountFrozen(Owner, Stop),
        ["account_unfrozen"] = new AccountEvent.AccountUnfrozen(Owner, Stop),
        ["freeze_ordered"] = new FreezeEvent.FreezeOrdered(Stop, Buyer, [new(FirstVoucher, Some)], FreezeKind.Judicial, "人民法院", "D-1", "保全"),
        ["freeze_ordered.absent"] = new FreezeEvent.FreezeOrdered(Stop, Buyer, null, FreezeKind.Administrative, "生态环境局", "D-2", null),
        ["freeze_lifted"] = new FreezeEvent.FreezeLifted(Stop, "D-9", "satisfied"),
        ["freeze_lifted.absent"] = new FreezeEvent.FreezeLifted(Stop, "D-9", null),
        ["loan_opened"] = new LoanEvent.LoanOpened(Debt, Bank, Group, Yuan(495_000m), Rate(0.0435m), DayCount.Actual365, Today, Today.PlusYears(1), [Lien, SecondLien]),
        ["loan_repaid"] = new LoanEvent.LoanRepaid(Debt, Today.PlusDays(30), Yuan(362.5m), Yuan(10_000m)),
        ["loan_opened.override"] = new LoanEvent.LoanOpened(
            Debt, Bank, Group, Yuan(495_000m), Rate(0.0435m), DayCount.Actual365, Today, Today.PlusYears(1), [Lien], new LimitOverride("本行批准", 0.9835m, 0.7m, Quoted)),
        ["loan_repaid.costs"] = new LoanEvent.LoanRepaid(Debt, Today.PlusDays(30), Yuan(362.5m), Yuan(10_000m), Yuan(80m), Lien.Value),
        ["loan_rate_changed"] = new LoanEvent.LoanRateChanged(Debt, Rate(0.0525m), Today.PlusDays(30), "LPR"),
        ["loan_cost_charged"] = new LoanEvent.LoanCostCharged(Debt, Today, Yuan(80m), "公证费"),
        ["loan_collateral_added"] = new LoanEvent.LoanCollateralAdded(Debt, SecondLien),
        ["margin_called"] = new LoanEvent.MarginCalled(Debt, Call, Run, Today, Yuan(495_000m), Yuan(480_000m), 0.8m, 1.1m, false, Quoted),
        ["margin_called.absent"] = new LoanEvent.MarginCalled(
            Debt, Call, Run, Today, Yuan(495_000m), Yuan(503_280m), 0.8m, null, false, new PriceQuote(ValuationRule.ContractPrice, null, null, null, null)),
        ["liquidation_level_passed"] = new LoanEvent.LiquidationLevelPassed(Debt, Call, Run, Today, Yuan(495_000m), Yuan(240_000m), 1.1m, Quoted),
        ["margin_call_cured"] = new LoanEvent.MarginCallCured(Debt, Call, Today, MarginCure.Collateral, Yuan(495_000m), Yuan(960_000m), Quoted),
        ["margin_run_recorded"] = new MarginRunEvent.MarginRunRecorded(Run, Bank, Today, Quoted, 12),
        ["collateral_policy_set"] = new CollateralPolicyEvent.CollateralPolicySet(Bank, 0.7m, 0.8m, 1.1m, ValuationRule.Average, 30),
        ["collateral_policy_set.absent"] = new CollateralPolicyEvent.CollateralPolicySet(Bank, null, null, null, ValuationRule.ReferencePrice, null),
        ["retirement_recorded"] = new RetirementEvent.RetirementRecorded(
            Use, Buyer, [new(FirstVoucher, Some)], new Beneficiary(Group, Document), RetirementPurpose.CarbonNeutralOperation, Period, "零碳办公"),
        ["retirement_recorded.absent"] = new RetirementEvent.RetirementRecorded(
            Use, Buyer, [new(FirstVoucher, Serials((1, 1)))], new Beneficiary(null, Document), RetirementPurpose.EcologicalRestorationOrder, Period, null),
        ["retirement_recorded.named"] = new RetirementEvent.RetirementRecorded(
            Use,
            Buyer,
            [new(FirstVoucher, Some)],
            new Beneficiary(null, Document, new NameConsent(Document, Today), Today.PlusDays(30)),
            RetirementPurpose.CarbonNeutralEvent,
            Period,
            null,
            new Statements("零碳会议", "A carbon-neutral meeting")),
        ["beneficiary_erased"] = new RetirementEvent.BeneficiaryErased(Use, ErasureReason.ConsentWithdrawn),
        ["scheme_registered"] = new SchemeEvent.SchemeRegistered(Bonus, "SLCT", "丝路碳票", new SchemeBuffer(0.1m, Owner), 10),
        ["scheme_registered.absent"] = new SchemeEvent.SchemeRegistered(Bonus, "SLCT", "scheme", null, null),
        ["buffer_designated"] = new AccountEvent.BufferDesignated(Owner, Bonus),
        ["cancellation_recorded"] = new CancellationEvent.CancellationRecorded(
            Removal,
            Buyer,
            [new(FirstVoucher, Some), new(SecondVoucher, Serials((1, 1)))],
            CancellationReason.Reversal,
            "山火",
            new Paper("甘林火〔2023〕7号", Document),
            Today,
            new Destination("another register", "R-1"),
            [new(FirstVoucher, Kg(10), Serials((1, 10))), new(SecondVoucher, Kg(2), null)]),
        ["cancellation_recorded.absent"] = new CancellationEvent.CancellationRecorded(
            Removal, Buyer, [new(FirstVoucher, Serials((1, 1)))], CancellationReason.CourtOrder, null, new Paper("D-1", null), null, null, null),
        ["units_cancelled"] = new VoucherEvent.UnitsCancelled(FirstVoucher, Removal, Buyer, Some),
        ["units_cancelled.absent"] = new VoucherEvent.UnitsCancelled(FirstVoucher, null, Buyer, Serials((1, 1))),
        ["units_expired"] = new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Buyer, Some, new LocalDate(2030, 2, 28)),
        ["voucher_revoked"] = new VoucherEvent.VoucherRevoked(FirstVoucher, "核证报告作废", new Paper("D-3", Document)),
        ["retirement_claimed"] = new RetirementEvent.RetirementClaimed(Use, ZeroCarbon, Group, 1, 10),
        ["retirement_unclaimed"] = new RetirementEvent.RetirementUnclaimed(Use, ZeroCarbon),
        ["emission_factor_published"] = new EmissionFactorEvent.EmissionFactorPublished(GansuNext),
        ["emission_factor_published.absent"] = new EmissionFactorEvent.EmissionFactorPublished(GansuNext with { Year = null }),
        ["inventory_recorded"] = new InventoryEvent.InventoryRecorded(Office, Group, Centre, Period, FullCount),
        ["inventory_restated"] = new InventoryEvent.InventoryRestated(Office, FullCount, "December was missing."),
        ["inventory_restated.absent"] = new InventoryEvent.InventoryRestated(Office, BareCount, "December was missing."),
        ["inventory_claimed"] = new InventoryEvent.InventoryClaimed(Office, ZeroCarbon),
        ["inventory_unclaimed"] = new InventoryEvent.InventoryUnclaimed(Office, ZeroCarbon),
        ["electricity_calibrated"] = new ElectricityEvent.ElectricityCalibrated(
            Fit, Group, [new KnownPeriod(Period, 100_000.5m, 90_728)], [new KnownPeriod(Period, 1m, 0)], new ElectricityLine(12.345678901m, 0.4955m), 0.9812m),
        ["electricity_calibrated.absent"] = new ElectricityEvent.ElectricityCalibrated(Fit, Group, [new KnownPeriod(Period, 100_000.5m, 90_728)], [], new ElectricityLine(0, 0.4955m), null),
        ["emissions_estimated"] = new ElectricityEvent.EmissionsEstimated(Fit, [new DayEstimate(Today, 2_740.25m, 1_357.794m)]),
        ["claim_drafted"] = new ClaimEvent.ClaimDrafted(ZeroCarbon, Office, Group, Period, Kg(10), [Backed]),
        ["claim_published"] = new ClaimEvent.ClaimPublished(ZeroCarbon, Kg(10)),
        ["claim_followed"] = new ClaimEvent.ClaimFollowed(ZeroCarbon, Kg(9)),
        ["claim_uncovered"] = new ClaimEvent.ClaimUncovered(ZeroCarbon, Kg(11)),
        ["claim_topped_up"] = new ClaimEvent.ClaimToppedUp(ZeroCarbon, [Backed with { First = 11, Last = 20 }]),
        ["claim_flagged"] = new ClaimEvent.ClaimFlagged(ZeroCarbon, FirstVoucher, "revoked"),
        ["claim_withdrawn"] = new ClaimEvent.ClaimWithdrawn(ZeroCarbon, "wrong boundary"),
        ["reference_price_published"] = new ReferencePriceEvent.ReferencePricePublished(new ReferencePriceId(Id(0xA0, 1)), Exchange, Today, Price(41.94m)),
    };

    /// <summary>The event in its place: those with everything present by an organization and with microseconds, the others by the registrar on the second.</summary>
    public static RecordedEvent Recorded(string name) => name.EndsWith(".absent", StringComparison.Ordinal)
        ? new RecordedEvent(1, 1, Instant.FromUtc(2021, 9, 15, 4, 0), Actor.Registrar, All[name])
        : new RecordedEvent(1_234_567, 42, Instant.FromUtc(2021, 9, 15, 4, 0) + Duration.FromTicks(1_234_560), As(Group), All[name]);
}
