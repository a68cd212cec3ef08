package io.cyphermesh.dashboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.cyphermesh", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule THE_DASHBOARD_SEES_VIEW_CONTROL_AND_API_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.dashboard..")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("io.cyphermesh..")
                  .and(
                      JavaClass.Predicates.resideOutsideOfPackages(
                          "io.cyphermesh.dashboard..",
                          "io.cyphermesh.core.view..",
                          "io.cyphermesh.core.control..",
                          "io.cyphermesh.api..")));
}
