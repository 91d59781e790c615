using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Commands;

/// <summary>Decides the commands of a batch in arrival order on what was loaded. No I/O.</summary>
public sealed class BatchDecision(LoadedBatch loaded, Instant clock)
{
    private readonly Dictionary<Guid, KeptAnswer> answeredHere = [];
    private readonly Dictionary<Guid, long> versions = new(loaded.StreamVersions);

    /// <summary>Versions of the loaded streams, and of those that events have continued or begun.</summary>
    public IReadOnlyDictionary<Guid, long> StreamVersions => versions;

    /// <summary>The time of the batch's events. Time never goes back in the log, whatever a node's clock does.</summary>
    public Instant Now { get; } = Instant.Max(RegistryCalendar.ToMicroseconds(clock), loaded.HeadAt);

    public List<RecordedEvent> Events { get; } = [];

    /// <summary>Answers to keep under their keys.</summary>
    public List<KeptAnswer> Answers { get; } = [];

    public List<PrivateName> PrivateNames { get; } = [];

    /// <summary>What names to erase belong to.</summary>
    public List<Guid> ErasedNames { get; } = [];

    /// <summary>What to tell each command once the batch is committed.</summary>
    public List<(PendingCommand Command, CommandAnswer Answer)> Outcomes { get; } = [];

    /// <summary>Commands that need more of a holding than this batch has loaded; each is decided again in a batch of its own.</summary>
    public List<PendingCommand> Deferred { get; } = [];

    private long HeadIndex => loaded.HeadIndex + Events.Count;

    public void Decide(PendingCommand pending, bool isAlone)
    {
        if (loaded.Keys.TryGetValue(pending.KeyDigest, out var kept) || answeredHere.TryGetValue(pending.KeyDigest, out kept))
        {
            Outcomes.Add((pending, kept.RequestDigest == pending.RequestDigest
                ? new CommandAnswer.Decided(kept.Status, kept.Body, kept.LogIndex, Replayed: true)
                : new CommandAnswer.KeyReused()));
            return;
        }

        switch (DecideNew(pending, out var context))
        {
            case Decision.Refused { Refusal: Refusal.TooManyRanges } when !isAlone:
                Deferred.Add(pending);
                break;
            case Decision.Refused { Refusal: var refusal }:
                Keep(pending, (short)Problem.StatusOf(refusal), HeadIndex, Problem.Body(refusal));
                break;
            case Decision.Accepted accepted:
                Accept(pending, accepted, context!.Actor);
                break;
        }
    }

    private Decision DecideNew(PendingCommand pending, out Context? context)
    {
        context = null;
        var actor = Actor.Registrar;
        if (pending.ActingOrganization is { } id)
        {
            if (loaded.Register.Find<OrganizationState>(id.Value) is not { } organization)
            {
                return new Refusal.ActingOrganizationUnknown(id);
            }

            actor = new Actor(id, organization.Roles.Contains(Role.Registrar));
        }

        context = new Context(actor, Now, HeadIndex + 1);
        return pending.Command.Decide(loaded.Register, context);
    }

    private void Accept(PendingCommand pending, Decision.Accepted accepted, Actor actor)
    {
        var first = Events.Count;
        foreach (var fact in accepted.Events)
        {
            var version = versions[fact.Stream] = versions.GetValueOrDefault(fact.Stream) + 1;
            Events.Add(new RecordedEvent(HeadIndex + 1, version, Now, actor, fact));
            loaded.Register.Apply(fact);
            if (fact is RetirementEvent.BeneficiaryErased erased)
            {
                ErasedNames.Add(erased.Retirement.Value);
            }
        }

        PrivateNames.AddRange(pending.PrivateNames);

        Keep(pending, StatusCodes.Status201Created, HeadIndex, pending.Render(accepted.Id, Events[first..]));
    }

    private void Keep(PendingCommand pending, short status, long logIndex, byte[] body)
    {
        var kept = new KeptAnswer(pending.KeyDigest, pending.RequestDigest, status, logIndex, body);
        answeredHere.Add(pending.KeyDigest, kept);
        Answers.Add(kept);
        Outcomes.Add((pending, new CommandAnswer.Decided(status, body, logIndex, Replayed: false)));
    }
}
