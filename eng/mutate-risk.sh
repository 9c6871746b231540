#!/bin/bash
# Shows that the oracle tests of RiskLake.Risk notice wrong numbers: each mutation below breaks one convention or formula in a copy of the
# library, and at least one oracle test must fail on it. At the end every oracle test must have failed on some mutation.
# Usage: eng/mutate-risk.sh [name ...]     RISKLAKE_ORACLES names the reference folder if it is not beside the repository.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RISKLAKE_ORACLES=${RISKLAKE_ORACLES:-$(cd "$root/.." && pwd)/shared/oracles/risk}
[ -d "$RISKLAKE_ORACLES" ] || { echo "no reference numbers at $RISKLAKE_ORACLES" >&2; exit 3; }

# name | file under src/RiskLake.Risk | sed expression
mutations=$(cat <<'LIST'
quantile-7-to-6|Returns/Quantile.cs|s/QuantileType.Linear => ((n - 1) \* p) + unit,/QuantileType.Linear => (n + 1) * p,/
quantile-8-shift|Returns/Quantile.cs|s/(p \/ 3) + (unit \/ 3)/(p \/ 3) + (unit \/ 4)/
ddof-1-to-0|Returns/SampleMoments.cs|s/Second, 0.0) \* n \/ (n - ddof)/Second, 0.0) * n \/ n/
ddof-sample-moments|Returns/SampleMoments.cs|s/Math.Sqrt(second \* count \/ (count - 1.0))/Math.Sqrt(second)/
ddof-covariance|Covariance/CovarianceEstimator.cs|s/sum.Value \/ (data.Count - ddof)/sum.Value \/ data.Count/
strictness|Backtests/Exceedances.cs|s/returns\[t\] < -valueAtRisk\[t\]/returns[t] <= -valueAtRisk[t]/
strictness-shortfall|Backtests/ShortfallBacktest.cs|s/returns\[t\] < -valueAtRisk\[t\]/returns[t] <= -valueAtRisk[t]/
presample-swapped|Garch/GarchLikelihood.Variance.cs|s/Presample == Presample.InitialVariance/Presample != Presample.InitialVariance/
presample-swapped-value|Garch/GarchLikelihood.cs|s/return presample == Presample.InitialVariance/return presample != Presample.InitialVariance/
presample-swapped-log|Garch/GarchLikelihood.LogVariance.cs|s/specification.Presample == Presample.InitialVariance/specification.Presample != Presample.InitialVariance/
garch-sandwich|Garch/GarchFit.Estimation.cs|s/Multiply(Multiply(bread, scores, k), bread, k)/Multiply(bread, product, k)/
garch-score|Garch/ErrorLikelihood.cs|s/partials.EE = -u;/partials.EE = -2.0 * u;/
shortfall-without-fraction|ValueAtRisk/TailKernel.cs|s/_divisor = Whole + Fraction;/_divisor = Whole;/
ewma-seed|Volatility/Ewma.cs|s/EwmaStart.FirstSquare => returns\[0\] \* returns\[0\]/EwmaStart.FirstSquare => Dispersion.MeanSquare(returns)/
ewma-weights|Volatility/Ewma.cs|s/(lambda \* Weights) + 1.0/Weights + 1.0/
student-scale|ValueAtRisk/ParametricTail.cs|s/(nu + (q \* q)) \/ (nu - 1.0)/(nu + (q * q)) \/ nu/
student-fit|ValueAtRisk/StudentTFit.cs|s/0.5 \* (nu + 1.0) \* sum.Value/0.5 * nu * sum.Value/
cornish-fisher-term|ValueAtRisk/CornishFisher.cs|s/excessKurtosis \/ 24.0/excessKurtosis \/ 12.0/
horizon-step|Returns/Returns.cs|s/var step = overlapping ? 1 : horizon;/var step = overlapping ? 2 : 1;/
interval-rank|ValueAtRisk/OrderStatisticInterval.cs|s/n, alpha) + 1;/n, alpha);/
pareto-likelihood|ValueAtRisk/ParetoLikelihood.cs|s/sum.Add(log + /sum.Add((0.99 * log) + /
hill-order|ValueAtRisk/PeaksOverThreshold.cs|s/losses\[^(k + 1)\]/losses[^k]/g
naive-sum|Numerics/OrderedSum.cs|s/_compensation += /_compensation += 0.0 * /
rolling-origin|Rolling/RollingMoments.Blocks.cs|s/var origin = block\[0\];/var origin = 0.0;/;s/ - nextOrigin;/;/;s/var origin = Gather(series, 0, window);/var origin = Vector256<double>.Zero;/
confidence-in-binary|Results/Confidence.cs|s/var (whole, rest) = Math.DivRem(count \* TailNumerator, Denominator);/var product = count * (1.0 - Level); return ((int)product, product - (int)product); var (whole, rest) = (0L, 0L);/
bipower-factor|Volatility/RealisedVariance.cs|s/returns.Length \/ (returns.Length - 1.0) : 1.0/returns.Length \/ (returns.Length - 2.0) : 1.0/
log-returns|Returns/Returns.cs|s/Elementary.Log(quotient)/(quotient - 1.0)/
autocorrelation|Returns/SerialDependence.cs|s/sum \/ denominator;/sum \/ denominator * 1.001;/
drawdown-start|Performance/Drawdowns.cs|s/= (1.0, 1.0, 0, 1.0, 0);/= (1.0, 0.0, 0, 0.0, 0);/
sortino-count|Performance/PerformanceRatios.cs|s/sum.Value \/ returns.Length)/sum.Value \/ (returns.Length - 1))/
shrinkage-divisor|Covariance/Shrinkage.cs|s/gamma.Value \/ divisor, 0.0/gamma.Value, 0.0/
incremental-renormalised|Portfolio/ParametricPortfolio.cs|s/rest\[i\] = 0.0;/rest[i] = 0.5 * weights[i];/
kernel-bandwidth|Portfolio/HistoricalPortfolio.cs|s/2.575 \* deviation/2.5 * deviation/
kupiec-sides|Backtests/CoverageTests.cs|s/x \/ (double)n \/ confidence.Tail)/x \/ (double)n \/ confidence.Tail * 1.01)/
markov-pool|Backtests/CoverageTests.cs|s/var yes = (n.NoYes + n.YesYes) \/ all;/var yes = (n.NoYes + n.YesYes) \/ (all + 1.0);/
weibull-censoring|Backtests/DurationTest.cs|s/waits.Add((exceedances.TrailingDays, true));/waits.Add((exceedances.TrailingDays, false));/
traffic-boundary|Backtests/TrafficLight.cs|s/Quantile(0.95, days/Quantile(0.99, days/
e-process|Backtests/EProcess.cs|s/1.0 - lambda + (lambda \* eValue)/1.0 + (lambda * eValue)/
z2-divisor|Backtests/ShortfallBacktest.cs|s/sum \/ (returns.Length \* confidence.Tail)/sum \/ ((returns.Length - 1) * confidence.Tail)/
du-escanciano|Backtests/DistributionBacktest.cs|s/(0.25 \* alpha)/(0.5 * alpha)/
critical-values|Backtests/ShortfallCriticalValues.cs|s/: NormalDistribution.Density(quantile) \/ alpha;/: 1.2 * NormalDistribution.Density(quantile) \/ alpha;/
philox-rounds|Numerics/Philox.cs|s/round < 10/round < 9/
normal-tail|Numerics/NormalDistribution.cs|s/0.022235277870649807/0.022235277/
ks-steps|Frtb/ProfitAndLossAttribution.cs|s/gap \/ (double)x.Length/gap \/ (x.Length + 1.0)/
rfet-window|Frtb/Modellability.cs|s/WindowDays = 90/WindowDays = 120/
liquidity-horizon|Frtb/InternalModelCapital.cs|s/\[10, 20, 40, 60, 120\]/[10, 20, 40, 60, 250]/
reverse-stress|Stress/StressTest.cs|s/-loss \/ variance/-loss \/ Math.Sqrt(variance)/
LIST
)

mkdir -p "$work/clean/tests"
cp -r "$root/src/RiskLake.Risk" "$work/clean/src"
cp -r "$root/tests/RiskLake.Tests/Risk" "$work/clean/tests/Risk"
rm -rf "$work/clean/src/bin" "$work/clean/src/obj" "$work/clean/src/"*.csproj "$work/clean/src/packages.lock.json"
cp "$root/Directory.Packages.props" "$root/global.json" "$work/clean/"
# One assembly of library and tests, without analysers: one compilation per mutation.
cat > "$work/clean/Mutant.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <LangVersion>latest</LangVersion>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <OutputType>Exe</OutputType>
    <RunAnalyzers>false</RunAnalyzers>
    <NoWarn>$(NoWarn);CS0162;CS8321;CS0219</NoWarn>
    <InvariantGlobalization>true</InvariantGlobalization>
    <UseMicrosoftTestingPlatformRunner>true</UseMicrosoftTestingPlatformRunner>
    <UseSharedCompilation>true</UseSharedCompilation>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="CsCheck" />
    <PackageReference Include="xunit.v3" />
    <Using Include="Xunit" />
  </ItemGroup>
</Project>
PROJECT
dotnet restore "$work/clean/Mutant.csproj" --nologo -v q || exit 3

filters=(--filter-class "*OracleTests" --filter-class "*SpecialFunctionTests")
run() { # folder -> names of failed tests, or "build" when it does not compile
    (cd "$1" && dotnet build Mutant.csproj -c Release --no-restore --nologo -v q -m:1 >build.log 2>&1) || { echo build; return; }
    timeout 300 "$1/bin/Release/net10.0/Mutant" "${filters[@]}" 2>&1 | sed -nE 's/^failed ([A-Za-z0-9_.]+).*/\1/p' | sort -u
}

survivors=$(run "$work/clean")
[ -z "$survivors" ] || { echo "the tests fail before any mutation: $survivors" >&2; exit 1; }
all=$("$work/clean/bin/Release/net10.0/Mutant" --list-tests "${filters[@]}" 2>/dev/null | sed -nE 's/^ *(RiskLake\.Tests\.Risk[A-Za-z0-9_.]+).*/\1/p' | sort -u)
killed=""
failed=0
while IFS='|' read -r name file expression; do
    [ -n "$name" ] || continue
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
    cp -r "$work/clean/src" "$work/original"
    sed -i "$expression" "$work/clean/src/$file"
    if cmp -s "$work/original/$file" "$work/clean/src/$file"; then
        echo "STALE     $name: the expression matches nothing in $file"; failed=1
    else
        result=$(run "$work/clean")
        case "$result" in
            "") echo "SURVIVED  $name"; failed=1 ;;
            build) echo "NO BUILD  $name"; grep -m1 "error" "$work/clean/build.log"; failed=1 ;;
            *) printf 'killed    %-26s by %d: %s\n' "$name" "$(wc -l <<<"$result")" "$(sed -E 's/.*\.//' <<<"$result" | head -3 | paste -sd, | cut -c1-110)"
               killed+=$'\n'$result ;;
        esac
    fi
    rm -rf "$work/clean/src" && mv "$work/original" "$work/clean/src"
done <<<"$mutations"

if [ $# -eq 0 ]; then
    never=$(comm -23 <(echo "$all") <(sort -u <<<"$killed" | sed '/^$/d'))
    [ -z "$never" ] || { echo "oracle tests that no mutation failed:"; sed 's/^/  /' <<<"$never"; failed=1; }
fi
exit $failed
