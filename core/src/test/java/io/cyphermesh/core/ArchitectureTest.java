package io.cyphermesh.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.security.PrivateKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;

@AnalyzeClasses(
    packages = {"io.cyphermesh.core", "io.cyphermesh.api"},
    importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule theDatabaseIsReachedFromTheCompositionRootOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.cyphermesh.core.node..", "io.cyphermesh.core.store.sqlite..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.cyphermesh.core.store.sqlite..", "java.sql..", "org.sqlite..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.cyphermesh.core.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theMeshDoesNothingItself =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.core.mesh..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.net..",
              "java.nio..",
              "java.util.concurrent..",
              "javax..",
              "org.slf4j..",
              "io.cyphermesh.core.store..",
              "io.cyphermesh.core.peer..",
              "io.cyphermesh.core.node..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.time.InstantSource.class);

  @ArchTest
  static final ArchRule theMeshHasNoRandomSourceOfItsOwn =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.core.mesh..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Random.class,
              ThreadLocalRandom.class,
              java.util.SplittableRandom.class,
              java.security.SecureRandom.class,
              java.util.UUID.class);

  @ArchTest
  static final ArchRule theMeshDoesNotIterateInHashOrder =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.core.mesh..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              HashMap.class, HashSet.class, ConcurrentHashMap.class, IdentityHashMap.class);

  @ArchTest
  static final ArchRule theClockIsHandedIn =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.cyphermesh.core.node..", "io.cyphermesh.core.plugin..")
          .should()
          .accessTargetWhere(readsAClock());

  @ArchTest
  static final ArchRule theProtocolIsPure =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.core.protocol..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.util.concurrent..",
              "java.nio.file..",
              "java.sql..",
              "org.slf4j..",
              "io.cyphermesh.core.store..",
              "io.cyphermesh.core.mesh..",
              "io.cyphermesh.core.peer..");

  @ArchTest
  static final ArchRule theApiShowsNobodyElsesTypes =
      noClasses()
          .that()
          .resideInAPackage("io.cyphermesh.api..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.sql..",
              "com.google.gson..",
              "io.jooby..",
              "org.bouncycastle..",
              "ch.qos.logback..",
              "io.cyphermesh.core..");

  @ArchTest
  static final ArchRule privateKeysAreUsedWhereIdentityIs =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.cyphermesh.core.identity..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(PrivateKey.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.security.KeyPair.class);

  @ArchTest
  static final ArchRule bouncyCastleStaysWithTheKeys =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.cyphermesh.core.identity..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");

  @ArchTest
  static final ArchRule viewAndControlKnowNoMachinery =
      noClasses()
          .that()
          .resideInAnyPackage("io.cyphermesh.core.view..", "io.cyphermesh.core.control..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.cyphermesh.core.store..",
              "io.cyphermesh.core.mesh..",
              "io.cyphermesh.core.peer..",
              "io.cyphermesh.core.node..");

  @ArchTest
  static final ArchRule everyPackageIsNullMarked = classes().should(new BeInANullMarkedPackage());

  private static DescribedPredicate<JavaAccess<?>> readsAClock() {
    return DescribedPredicate.describe(
        "read a clock",
        access -> {
          String owner = access.getTargetOwner().getName();
          String name = access.getTarget().getName();
          boolean now =
              name.equals("now")
                  && owner.startsWith("java.time.")
                  && access.getTarget().getFullName().endsWith("now()");
          boolean system =
              owner.equals("java.lang.System")
                  && (name.equals("nanoTime") || name.equals("currentTimeMillis"));
          boolean clock = owner.equals("java.time.Clock") && name.startsWith("system");
          return now || system || clock;
        });
  }

  private static final class BeInANullMarkedPackage extends ArchCondition<JavaClass> {
    BeInANullMarkedPackage() {
      super("be in a package that is @NullMarked");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
      if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
        events.add(
            SimpleConditionEvent.violated(
                type, type.getName() + " is in a package without @NullMarked"));
      }
    }
  }
}
