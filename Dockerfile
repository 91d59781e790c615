# Checked only by reading: no container engine was at hand where this was written, so it has never been built.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Project files first: the restore layer is kept until a package changes.
COPY Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/CarbonLedger.Core/CarbonLedger.Core.csproj src/CarbonLedger.Core/packages.lock.json src/CarbonLedger.Core/
COPY src/CarbonLedger.Server/CarbonLedger.Server.csproj src/CarbonLedger.Server/packages.lock.json src/CarbonLedger.Server/
RUN dotnet restore src/CarbonLedger.Server --locked-mode

COPY src/CarbonLedger.Core src/CarbonLedger.Core
COPY src/CarbonLedger.Server src/CarbonLedger.Server
# The server embeds the problem pages and their list.
COPY docs/reference/problems docs/reference/problems
COPY docs/reference/problems.md docs/reference/
RUN dotnet publish src/CarbonLedger.Server --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# The database is another container's; the one file written here is the key that signs statements. Keep /keys on a volume.
RUN mkdir -m 700 /keys && chown "$APP_UID" /keys
ENV Ledger__SigningKeyFile=/keys/signing-key.pem
# The image's own unprivileged user.
USER $APP_UID
EXPOSE 5080
ENTRYPOINT ["dotnet", "CarbonLedger.Server.dll"]
CMD ["--urls", "http://0.0.0.0:5080"]
