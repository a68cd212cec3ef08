package io.cyphermesh.syslog;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.cyphermesh.syslog",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule thePluginKnowsOnlyTheContractAndItsOwnLibrary =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "javax.net..",
              "io.cyphermesh.api..",
              "io.cyphermesh.syslog..",
              "com.google.gson..",
              "org.slf4j..",
              "org.jspecify..",
              "com.google.errorprone.annotations..");
}
