#!/bin/sh
# Runs the pinned-bits test under other processors' instruction sets and other compilation tiers: the digest must not move.
set -eu
cd "$(dirname "$0")/../.."
test=tests/RiskLake.Tests/bin/Release/net10.0/RiskLake.Tests
[ -x "$test" ] || dotnet build tests/RiskLake.Tests -c Release -m:1 --nologo -v q
run() {
    name=$1
    shift
    if env "$@" "$test" --filter-class RiskLake.Tests.Risk.DeterminismTests >/tmp/bits.$$ 2>&1; then
        echo "same    $name"
    else
        echo "DIFFERS $name"
        cat /tmp/bits.$$
        failed=1
    fi
    rm -f /tmp/bits.$$
}
failed=0
run "as is" RISKLAKE_BITS=1
run "no AVX2" DOTNET_EnableAVX2=0
run "no AVX2, C library without FMA and AVX2" DOTNET_EnableAVX2=0 GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2
run "no hardware intrinsics" DOTNET_EnableHWIntrinsic=0
run "no tiers" DOTNET_TieredCompilation=0
run "first tier only" DOTNET_TieredPGO=0 DOTNET_TC_QuickJitForLoops=1 DOTNET_OSR_HitLimit=1000000 DOTNET_TC_CallCountThreshold=1000000
exit $failed
