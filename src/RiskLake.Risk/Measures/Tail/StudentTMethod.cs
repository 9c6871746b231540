namespace RiskLake.Risk.Measures;

/// <summary>Student t by maximum likelihood.</summary>
internal sealed class StudentTMethod : TailMethod
{
    public override string Code => "student_t";

    public override string Words => "Student t";

    public override int Order => 100;

    public override TailRisk OnePeriod(TailWork work, Confidence confidence) => ParametricTail.StudentT(work.StudentT(), confidence);
}

internal static partial class TailMethods
{
    /// <summary><see cref="StudentTMethod"/>.</summary>
    public static TailMethod StudentT { get; } = new StudentTMethod();
}
